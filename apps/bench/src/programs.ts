import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const found = new Map<string, boolean>()

/** Is this program on the PATH? */
export function hasProgram(name: string): boolean {
  let has = found.get(name)
  if (has === undefined) {
    has = (process.env['PATH'] ?? '').split(delimiter).some((folder) => executable(join(folder, name)))
    found.set(name, has)
  }
  return has
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
