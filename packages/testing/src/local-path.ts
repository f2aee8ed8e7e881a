import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a server listens for programs of this machine only: a Unix socket, on Windows a named pipe. */
export function localPath(
  name: string,
  platform: string = process.platform,
  folder: string = tmpdir(),
): string {
  return platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(folder, `${name}.sock`)
}
