import { tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { getuid } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheFolder } from '../src/cache-folder.ts'
import { UsageError } from '../src/usage-error.ts'

let site: TempSite
const refusal = async (given: string): Promise<string> => {
  const error: unknown = await cacheFolder(given, site.root, site.path('..')).catch(
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UsageError)
  return (error as Error).message
}

beforeAll(async () => {
  site = await tempSite({
    'index.html': 'home',
    '../file.txt': 'no folder',
    '../link': { symlink: 'www/sub' },
  })
  await mkdir(site.path('sub'))
})
afterAll(() => site.remove())

describe('the folder of --compress-cache', () => {
  test('is made, with what is above it, for nobody else to read', async () => {
    const path = await cacheFolder('new/below', site.root, site.path('..'))
    expect(path).toBe(site.path('../new/below'))
    expect((await stat(path)).mode & 0o777).toBe(0o700)
  })

  test('may be there, and may lie in the site where its name begins with a dot', async () => {
    await mkdir(site.path('../there'))
    expect(await cacheFolder('there', site.root, site.path('..'))).toBe(site.path('../there'))
    expect(await cacheFolder('www/.cache/tsws', site.root, site.path('..'))).toBe(site.path('.cache/tsws'))
  })

  test.each([['www'], ['www/cache'], ['www/.well-known/cache'], ['www/../www/sub']])(
    '%s is refused, because it would be served',
    async (given) => {
      expect(await refusal(given)).toMatch(/^--compress-cache \S+: it lies in the folder that is served; /)
    },
  )

  test('is refused when a link leads into what is served', async () => {
    expect(await refusal('link')).toContain('it lies in the folder that is served')
  })

  test('is refused when it is a file, or below one', async () => {
    expect(await refusal('file.txt')).toContain('it is a file, a folder is needed')
    expect(await refusal('file.txt/below')).toContain('the folder cannot be made: ENOTDIR')
  })

  test('is refused where nobody can make one', async () => {
    expect(await refusal('/proc/tsws-cache')).toContain('the folder cannot be made: ENOENT')
  })

  test.skipIf(getuid?.() === 0)('is refused when it cannot be written to', async () => {
    await mkdir(site.path('../closed'))
    await chmod(site.path('../closed'), 0o500)
    expect(await refusal('closed')).toContain('it cannot be written to')
  })
})
