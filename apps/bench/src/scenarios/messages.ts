import { WrongAnswer } from '../answers.ts'
import type { Expected } from '../answers.ts'
import type { Fixtures } from '../fixtures.ts'
import { HELLO, MANY, manyPath } from '../fixtures.ts'
import { exchange } from '../raw-client.ts'
import type { Message } from './load-scenario.ts'

const PLAIN: NonNullable<Expected['headers']> = { 'content-type': /^text\/plain/ }
export const JSON_TYPE: NonNullable<Expected['headers']> = { 'content-type': /^application\/json/ }

/** The smallest request there is: what is left is the server's own work. */
export function get(port: number, path: string, fields: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...fields, '', ''].join('\r\n')
}

export const HELLO_ANSWER: Expected = { status: 200, body: Buffer.from(HELLO), headers: PLAIN }

export function hello(port: number, fields: readonly string[] = []): Message[] {
  return [{ bytes: get(port, '/hello.txt', fields), answers: [HELLO_ANSWER] }]
}

/** The same request `depth` times in one packet. */
export function pipelined(port: number, depth: number): Message[] {
  const one = get(port, '/hello.txt')
  return [{ bytes: one.repeat(depth), answers: Array.from({ length: depth }, () => HELLO_ANSWER) }]
}

/** What a desktop browser sends when it loads a page's script, about 700 bytes of fields. */
export const BROWSER_FIELDS: readonly string[] = [
  'Connection: keep-alive',
  'sec-ch-ua: "Chromium";v="136", "Google Chrome";v="136", "Not.A/Brand";v="99"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Dest: document',
  'Referer: http://127.0.0.1/articles/2025/index.html',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7',
  'Cookie: session=4f8a1c0e9b7d4e6fa2c35b1d; theme=dark; seen=1749121212',
]

/** A JSON document of about `size` bytes, that comes back as it went. */
export function jsonEcho(port: number, size: number): Message[] {
  const items: { id: number; name: string; ok: boolean }[] = []
  let body = '[]'
  for (let id = 0; body.length < size; id++) {
    items.push({ id, name: `item number ${id}`, ok: id % 2 === 0 })
    if (id % 8 === 0 || body.length > size - 400) body = JSON.stringify(items)
  }
  const head = [
    'POST /echo HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ]
  const headers = { 'content-type': /^application\/json/ }
  return [
    {
      bytes: [...head, '', body].join('\r\n'),
      answers: [{ status: 200, body: Buffer.from(body), headers }],
    },
  ]
}

export function file(port: number, fixtures: Fixtures, path: string): Message[] {
  return [{ bytes: get(port, `/${path}`), answers: [{ status: 200, body: fixtures.read(path) }] }]
}

/** What a client sends that has the file already: the tag that this very server gave it. */
export async function notModified(port: number, path: string): Promise<Message[]> {
  const [first] = await exchange(port, get(port, `/${path}`))
  const etag = first?.headers.get('etag')
  if (etag === undefined) throw new WrongAnswer(`/${path} has no ETag to ask again with`)
  return [
    {
      bytes: get(port, `/${path}`, [`If-None-Match: ${etag}`]),
      answers: [{ status: 304, body: Buffer.alloc(0) }],
    },
  ]
}

/** All the small files, in an order that jumps about the folder. */
export function manyFiles(port: number, fixtures: Fixtures): Message[] {
  return Array.from({ length: MANY }, (_, index) => {
    const path = manyPath((index * 617) % MANY) // 617 is prime to 1000: every file comes once
    return { bytes: get(port, `/${path}`), answers: [{ status: 200, body: fixtures.read(path) }] }
  })
}

export function gzipped(port: number, fixtures: Fixtures, path: string, headers = PLAIN): Message[] {
  return [
    {
      bytes: get(port, `/${path}`, ['Accept-Encoding: gzip']),
      answers: [{ status: 200, body: fixtures.read(path), coding: 'gzip', headers }],
    },
  ]
}

export function notFound(port: number): Message[] {
  return [{ bytes: get(port, '/there/is/no/such.file'), answers: [{ status: 404, body: null }] }]
}
