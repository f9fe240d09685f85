// The store in plain memory keeps the contract.
import { describe } from 'vitest'
import { emptyDisk, memoryStorage } from '#lib/replica/memory.ts'
import { storageContract } from './storage-contract.ts'

describe('memory', () =>
  storageContract(() => {
    const disk = emptyDisk()
    return () => memoryStorage(disk)
  }))
