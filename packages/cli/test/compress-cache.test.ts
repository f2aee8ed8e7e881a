import { connectRaw, tempSite } from '@tsws/testing'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { eventually, startTsws } from './tsws.ts'

const FILES = 40
/** Contents that take some milliseconds each at the best level, all different. */
const content = (file: number): string =>
  Array.from({ length: 2500 }, (_, line) => `${file}: line ${line} of ${(line * 7919) % 1013}`).join('\n')

async function site(): Promise<Awaited<ReturnType<typeof tempSite>>> {
  return tempSite(
    Object.fromEntries(Array.from({ length: FILES }, (_, file) => [`${file}.txt`, content(file)])),
  )
}

/** Asks for every file; fails unless each decodes to what it is. Gives back the bytes that took. */
async function askAll(port: number): Promise<number> {
  let bytes = 0
  using client = await connectRaw(port)
  for (let file = 0; file < FILES; file++) {
    client.write(`GET /${file}.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n`)
    const response = await client.readResponse()
    expect(response.get('content-encoding')).toBe('br')
    expect(brotliDecompressSync(response.body).toString() === content(file)).toBe(true)
    bytes += response.body.length
  }
  return bytes
}

test('a server killed while it fills its cache, again and again, never serves what is not whole', async () => {
  await using folder = await site()
  const cache = await mkdtemp(join(tmpdir(), 'tsws-killed-'))
  try {
    let first = 0
    for (let round = 0; round < 4; round++) {
      const tsws = await startTsws([folder.root, '--compress-cache', cache, '--log=off', '--threads=1'])
      const bytes = await askAll(tsws.port)
      first ||= bytes
      await eventually(async () => expect((await readdir(cache)).length).toBeGreaterThan(2 * round))
      await new Promise((resolve) => setTimeout(resolve, round * 37))
      tsws.command.process.kill('SIGKILL')
      await tsws.command.end
    }
    await using tsws = await startTsws([folder.root, '--compress-cache', cache, '--log=off', '--threads=1'])
    // What was written before is sent at the first request: best, so shorter.
    expect(await askAll(tsws.port)).toBeLessThan(first)
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
})

test('a cache folder that cannot be written to any more costs no answer', async () => {
  await using folder = await site()
  const cache = await mkdtemp(join(tmpdir(), 'tsws-gone-'))
  await using tsws = await startTsws([folder.root, '--compress-cache', cache, '--log=off', '--threads=1'])
  await rm(cache, { recursive: true })
  await writeFile(cache, 'no folder any more')
  try {
    await askAll(tsws.port)
    await askAll(tsws.port)
  } finally {
    await rm(cache, { force: true })
  }
})
