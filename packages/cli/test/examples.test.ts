import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw, tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { startTsws, WORKSPACE } from './tsws.ts'
import type { Tsws } from './tsws.ts'

const EXAMPLES = join(WORKSPACE, 'examples')
const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'))

let site: TempSite
let server: Tsws
const at = (path: string): string => new URL(path, server.ready.url).href

beforeAll(async () => {
  site = await tempSite({ 'file.txt': 'a file' })
  server = await startTsws([site.root, ...examples.flatMap((name) => ['--use', join(EXAMPLES, name)])])
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await site.remove()
})

test('the examples are the four that are tested here', () => {
  expect(examples.toSorted()).toEqual(['custom-header.ts', 'echo.ts', 'hello.ts', 'json-api.ts'])
})

describe('hello.ts', () => {
  test('greets in plain text', async () => {
    const response = await fetch(at('/hello'))
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toBe('Hello, World!')
  })

  test('refuses to be posted to, and says what it allows', async () => {
    const response = await fetch(at('/hello'), { method: 'POST', body: 'x' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('echo.ts', () => {
  test('sends every byte back, whatever it is', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, value) => value)
    const response = await fetch(at('/echo'), { method: 'POST', body })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body)
  })

  test('sends markup back as bytes that no browser runs', async () => {
    const headers = { 'content-type': 'text/html' }
    const response = await fetch(at('/echo'), { method: 'POST', body: '<script>1</script>', headers })
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('undoes chunks, and answers 400 when they break', async () => {
    using connection = await connectRaw(server.port)
    const head = 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    connection.write(`${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
    expect((await connection.readResponse()).text()).toBe('abcde')
    connection.write(`${head}3\r\nabc\r\nnot a size\r\n`)
    const broken = await connection.readResponse()
    expect([broken.status, broken.get('connection')]).toEqual([400, 'close'])
  })

  test('refuses other methods, and says what it allows', async () => {
    const response = await fetch(at('/echo'))
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('custom-header.ts', () => {
  test('marks a file and the answer of another layer alike', async () => {
    for (const path of ['/file.txt', '/hello', '/nowhere']) {
      expect([path, (await fetch(at(path))).headers.get('x-powered-by')]).toEqual([path, 'curiosity'])
    }
  })
})

describe('json-api.ts', () => {
  const post = (body: string): Promise<Response> => fetch(at('/api/notes'), { method: 'POST', body })

  test('keeps a note, shows it, and forgets it', async () => {
    const created = await post('{"text":"buy milk"}')
    expect(created.status).toBe(201)
    const note = (await created.json()) as { id: number }
    const location = created.headers.get('location') as string
    expect(location).toBe(`/api/notes/${note.id}`)
    expect(await (await fetch(at(location))).json()).toEqual({ id: note.id, text: 'buy milk' })
    expect(await (await fetch(at('/api/notes'))).json()).toContainEqual({ id: note.id, text: 'buy milk' })
    expect((await fetch(at(location), { method: 'DELETE' })).status).toBe(204)
    expect((await fetch(at(location))).status).toBe(404)
  })

  test('tells what is wrong with a body', async () => {
    expect((await post('{"text":')).status).toBe(400)
    expect((await post('{"title":1}')).status).toBe(422)
    expect((await post(`{"text":"${'x'.repeat(5000)}"}`)).status).toBe(413)
  })

  test('says which methods it allows', async () => {
    const response = await fetch(at('/api/notes'), { method: 'PUT', body: '{}' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })
})
