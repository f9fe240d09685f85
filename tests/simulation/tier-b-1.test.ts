// Part of the seeds of tier B; several files, so that the machine's cores share them.
import { shard } from './shard.ts'

shard({ tier: 'B', from: 1, seeds: 50 })
