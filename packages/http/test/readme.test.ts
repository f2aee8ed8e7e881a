import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as http from '../src/index.ts'
import { HttpResponse } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'
import { handler } from './readme/handler.ts'
import { withCommon } from './readme/header-block.ts'
import { ownNotFound } from './readme/replace-body.ts'
import { shout } from './readme/stream.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('every example of the README is a file that runs here', async () => {
  const examples = [...readme.matchAll(/(?:<!-- (\S+) -->\n\n)?```ts\n(.*?)```/gs)]
  expect(examples).toHaveLength(4)
  for (const [, path, code] of examples) {
    expect(path, `no file named before: ${code}`).toBeDefined()
    expect(code).toBe(await readFile(new URL(`../${path}`, import.meta.url), 'utf8'))
  }
})

test('the README names everything that is exported', () => {
  const table = readme.slice(readme.indexOf('## What is exported'), readme.indexOf('## Errors'))
  for (const name of Object.keys(http)) expect(table).toContain(`\`${name}`)
  for (const name of Object.keys(http.respond)) expect(table).toContain(`\`${name}\``)
})

test('the README names what a request and an answer have', () => {
  const members = Object.getOwnPropertyNames(http.HttpRequest.prototype)
  for (const name of [...members, 'method', 'target'].filter((name) => name !== 'constructor'))
    expect(readme).toMatch(new RegExp(`\`${name}(\\(\\))?\``))
})

test('the README names every code that the source has', async () => {
  const sources = ['body', 'compose', 'field-syntax', 'http-error', 'request', 'request-body', 'respond']
  const text = await Promise.all(
    sources.map((name) => readFile(new URL(`../src/${name}.ts`, import.meta.url), 'utf8')),
  )
  const codes = new Set(text.join('').match(/(?<=')ERR_[A-Z_]+(?=')/g))
  expect(codes.size).toBe(8)
  for (const code of codes) expect(readme).toContain(`| \`${code}\` |`)
})

test('the first example shows a note, changes it, and knows no other', async () => {
  expect((await handler(fakeRequest({ target: '/notes/1' }))).body).toBe('{"text":"buy milk"}')
  const put = await handler(fakeRequest({ method: 'PUT', target: '/notes/1', pieces: ['sell milk'] }))
  expect(put.status).toBe(204)
  expect((await handler(fakeRequest({ target: '/notes/1' }))).body).toBe('{"text":"sell milk"}')
  await expect(handler(fakeRequest({ target: '/notes/2' }))).rejects.toMatchObject({ status: 404 })
  const large = fakeRequest({ method: 'PUT', target: '/notes/1', pieces: ['x'.repeat(1025)] })
  await expect(handler(large)).rejects.toThrow()
})

test('the block example adds to an answer at once and later, and leaves what is there', async () => {
  const now = withCommon(
    fakeRequest(),
    () => new HttpResponse('x', { headers: { 'Referrer-Policy': 'origin' } }),
  )
  expect((now as HttpResponse).headers.encode()).toBe(
    'Referrer-Policy: origin\r\nX-Content-Type-Options: nosniff\r\n',
  )
  const later = await withCommon(fakeRequest(), async () => new HttpResponse('x'))
  expect(later.headers.get('referrer-policy')).toBe('no-referrer')
})

test('the replacing example closes the body it replaces, and only that', async () => {
  let closed = 0
  const file = { read: async () => ({ bytesRead: 0 }), close: async () => void closed++ }
  const answer = (status: number) => new HttpResponse(new http.FileBody(file, 0, 1), { status })
  expect((await ownNotFound(fakeRequest(), () => answer(200))).body).toBeInstanceOf(http.FileBody)
  expect(closed).toBe(0)
  const replaced = await ownNotFound(fakeRequest(), () => answer(404))
  expect(replaced).toMatchObject({ status: 404, body: '<h1>Nothing here</h1>' })
  expect(closed).toBe(1)
})

test('the streaming example gives each line, and leaves nothing open when it is given up', async () => {
  const path = fileURLToPath(new URL('./readme/stream.ts', import.meta.url))
  const response = await shout(path)(fakeRequest())
  const pieces: Uint8Array[] = []
  for await (const piece of response.body as AsyncIterable<Uint8Array>) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe((await readFile(path, 'utf8')).toUpperCase())
  const unsent = await shout('/no/such/file')(fakeRequest())
  await http.closeBody(unsent.body)
  for await (const piece of unsent.body as AsyncIterable<Uint8Array>) expect.unreachable(String(piece))
})
