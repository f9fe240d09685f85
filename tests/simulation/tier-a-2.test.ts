// Part of the seeds of tier A; several files, so that the machine's cores share them.
import { shard } from './shard.ts'

shard({ tier: 'A', from: 301, seeds: 300 })
