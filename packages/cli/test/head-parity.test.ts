import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendRaw, tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { eventually, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

let site: TempSite
let server: Tsws
beforeAll(async () => {
  site = await tempSite({
    'index.html': '<p>home</p>'.repeat(200),
    'small.txt': 'small',
    'empty.txt': '',
    'picture.png': 'png',
    'data.json': '{}'.repeat(1000),
    'large.txt': 'large '.repeat(400_000),
    'folder/index.html': '<p>folder',
    'listed/a.txt': 'a',
  })
  server = await startTsws([site.root, '--listing', '--log', 'off', '--threads', '1'])
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await site.remove()
})

/**
 * Status line and fields but for the date, and for how a stream is framed: the length of one is not known before it has
 * been made, and a HEAD makes none (RFC 9110 §9.3.2).
 */
async function head(method: string, target: string, fields: readonly string[]): Promise<string[]> {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...fields, '', '']
  const answer = (await sendRaw(server.port, lines.join('\r\n'))).toString('latin1')
  const end = answer.indexOf('\r\n\r\n')
  if (method === 'HEAD') expect(answer.slice(end + 4), `${target} ${fields.join()}`).toBe('')
  return answer
    .slice(0, end)
    .split('\r\n')
    .filter((line) => !line.startsWith('Date: ') && line !== 'Transfer-Encoding: chunked')
}

const TARGETS = [
  '/',
  '/small.txt',
  '/empty.txt',
  '/picture.png',
  '/data.json',
  '/large.txt',
  '/folder',
  '/folder/',
  '/listed/',
  '/no-such-file',
  '/%00',
  '/.env',
]
const FIELDS = [
  [],
  ['Accept: text/html'],
  ['Accept-Encoding: gzip, br'],
  ['Accept-Encoding: identity;q=0, gzip'],
  ['Accept-Encoding: *;q=0'],
  ['If-None-Match: *'],
  ['If-Match: "no"'],
]

test.each(TARGETS)('HEAD %s has the head of the GET to the byte, and no body', async (target) => {
  for (const fields of FIELDS) {
    // Twice: the second time from memory. And what was compressed while it was sent has a length once it is kept.
    for (let round = 0; round < 2; round++) {
      await eventually(async () => {
        const get = await head('GET', target, fields)
        expect(await head('HEAD', target, fields), fields.join()).toEqual(get)
      })
    }
  }
})
