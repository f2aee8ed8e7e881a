import { existsSync, readlink } from 'node:fs'
import type { Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { isSameDevice } from './same-device.ts'

/** Whether `/proc/self/fd/N` leads to what is open as N. */
export const HAS_DESCRIPTOR_PATHS: boolean = process.platform === 'linux' && existsSync('/proc/self/fd')

/**
 * Where an opened file really lies, links resolved; null when that cannot be told for certain.
 *
 * @param location the path it was opened by
 * @param stats of the opened file
 */
export async function realPathOf(
  file: { readonly fd: number },
  location: string,
  stats: Pick<Stats, 'dev' | 'ino'>,
): Promise<string | null> {
  return HAS_DESCRIPTOR_PATHS ? readLink(`/proc/self/fd/${file.fd}`) : realPathByName(location, stats)
}

/** Not of `node:fs/promises`: that takes two milliseconds to load, and the first answer would wait for it. */
const readLink = promisify(readlink)

/** The path is resolved again, and counts only if it still leads to the very file that is open. */
export async function realPathByName(
  location: string,
  stats: Pick<Stats, 'dev' | 'ino'>,
): Promise<string | null> {
  const real = await realpath(location)
  const there = await stat(real)
  return isSameDevice(there.dev, stats.dev) && there.ino === stats.ino ? real : null
}
