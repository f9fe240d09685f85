// The filled data folders that the workers of one run share. They go after the run, and before it those of one that was killed and had the
// same number.
import { globSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How their paths begin. @param runner the process of the run */
export const filledBy = (runner: number): string => join(tmpdir(), `quartermaster-filled-${runner}`)

export default function forgetFilled(): void {
  for (const folder of globSync(`${filledBy(process.pid)}-*`)) rmSync(folder, { recursive: true, force: true })
}
