// What a device needs that keeps nothing, and nobody else: the store in memory, and what has to go from the browser.
export { forgetColumns } from '#lib/import/remembered-columns.ts'
export { emptyDisk, memoryStorage } from '#lib/replica/memory.ts'
export { moveToMemory } from '#lib/replica/to-memory.ts'
