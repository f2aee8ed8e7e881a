import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set<string>()

/** A folder that is gone when this program is, however it ends (but for SIGKILL). */
export function temporaryFolder(): string {
  if (folders.size === 0) process.once('exit', removeTemporaryFolders)
  const folder = mkdtempSync(join(tmpdir(), 'tsws-bench-'))
  folders.add(folder)
  return folder
}

export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}

function removeTemporaryFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
