import { connectRaw, startCommand } from '@tsws/testing'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { connectionsWithin, openFileLimit } from '../src/open-files.ts'
import { aMoment, until } from './start.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const SERVER = fileURLToPath(new URL('open-files-server.ts', import.meta.url))

test('of the open files some are kept for everything but connections', () => {
  expect(connectionsWithin(Infinity)).toBe(Infinity)
  expect(connectionsWithin(20_000)).toBe(18_000)
  expect(connectionsWithin(1024)).toBe(921)
  expect(connectionsWithin(100)).toBe(68)
  expect(connectionsWithin(10)).toBe(1)
})

test.skipIf(!existsSync('/proc/self/limits'))('the limit of open files is what the system says', () => {
  expect(openFileLimit()).toBeGreaterThan(10)
  expect(openFileLimit('Limit   Soft Limit  Hard Limit  Units\nMax open files   1024   4096   files\n')).toBe(
    1024,
  )
  expect(openFileLimit('Max open files            unlimited            unlimited            files\n')).toBe(
    Infinity,
  )
  expect(openFileLimit('')).toBe(Infinity)
})

// More clients than the process may have files: those that are in are served, with files opened for
// them; the others are refused, which is said once; and when there is room again all is as before.
test.skipIf(!existsSync('/proc/self/limits'))(
  'a server with more clients than open files keeps serving, says so once, and recovers',
  { timeout: 30_000 },
  async () => {
    const files = 90
    const command = `ulimit -n ${files}; exec "$0" --conditions=@tsws/source "$1"`
    await using server = startCommand(['sh', '-c', command, process.execPath, SERVER])
    const port = Number((await server.line(/^port \d+/)).slice(5))
    for (let episode = 0; episode < 2; episode++) {
      const clients = await Promise.all(Array.from({ length: 200 }, () => connectRaw(port)))
      for (const client of clients) client.write(GET)
      await until(
        () => clients.every((client) => client.received.length > 0 || client.state !== 'open'),
        'an answer or an end for all',
      )
      const statuses = await Promise.all(
        clients.map((client) =>
          client.readResponse().then(
            ({ status }) => status,
            () => 'closed',
          ),
        ),
      )
      const served = statuses.filter((status) => status === 200).length
      expect(served).toBe(connectionsWithin(files))
      expect(new Set(statuses)).toEqual(new Set([200, 'closed']))
      for (const client of clients) client.destroy()
      await aMoment(100)
      const late = await connectRaw(port)
      late.write(GET)
      expect((await late.readResponse()).status).toBe(200)
      late.destroy()
    }
    expect(server.stdout.match(/^warning .*/gm)).toEqual([
      `warning TSWS_OPEN_FILES this process may have ${files} open files, so it takes ${connectionsWithin(files)} connections and refuses more: raise the limit (ulimit -n)`,
    ])
  },
)
