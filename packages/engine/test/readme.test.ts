import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import * as engine from '../src/index.ts'
import { DEFAULTS } from '../src/index.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('every example of the README is a file that runs here', async () => {
  const examples = [...readme.matchAll(/(?:<!-- (\S+) -->\n\n)?```ts\n(.*?)```/gs)]
  expect(examples).toHaveLength(3)
  for (const [, path, code] of examples)
    expect(code).toBe(await readFile(new URL(`../${path}`, import.meta.url), 'utf8'))
})

test('the first example answers on its port and stops when told', async () => {
  const { address, stop } = await import('./readme/serve.ts')
  const base = `http://127.0.0.1:${'port' in address ? address.port : 0}`
  expect(await (await fetch(`${base}/hello`)).text()).toBe('Hello, World!')
  expect(await (await fetch(`${base}/upper`, { method: 'POST', body: 'abc' })).text()).toBe('ABC')
  expect((await fetch(`${base}/other`)).status).toBe(404)
  expect(await stop()).toMatchObject({ cut: 0 })
})

test('the inject example reads its answers', async () => {
  const { response, responses } = await import('./readme/inject.ts')
  expect(responses.map((each) => each.text())).toEqual(['you asked for /one', 'you asked for /two'])
  expect(response.text()).toBe('you asked for /three')
})

test('the WebSocket example echoes', async () => {
  const { server } = await import('./readme/websocket.ts')
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const client = new WebSocket(`ws://127.0.0.1:${'port' in address ? address.port : 0}`)
  const answer = await new Promise<unknown>((resolve, reject) => {
    client.addEventListener('open', () => client.send('hi'))
    client.addEventListener('message', ({ data }) => resolve(data))
    client.addEventListener('error', () => reject(new Error('the WebSocket failed')))
  })
  expect(answer).toBe('echo: hi')
  client.close()
  await server.close({ grace: 0 })
})

test('the options table has every option with its default', () => {
  for (const [name, value] of Object.entries(DEFAULTS)) {
    const shown =
      typeof value === 'number'
        ? value === Infinity
          ? '`Infinity`'
          : value.toLocaleString('en').replaceAll(',', '_')
        : value
    expect(readme, name).toMatch(new RegExp(`\\| \`${name}\` \\|[^|]*${String(shown)}`))
  }
})

test('the README names everything that is exported and every error code of the source', async () => {
  for (const name of Object.keys(engine)) expect(readme).toContain(`\`${name}`)
  const sources = ['errors', 'exchange', 'answer-framing', 'framing-fields', 'response-check', 'send-body']
  const text = await Promise.all(
    sources.map((name) => readFile(new URL(`../src/${name}.ts`, import.meta.url), 'utf8')),
  )
  const codes = [...new Set(text.join('').match(/(?<=')ERR_[A-Z_]+(?=')/g))]
  expect(codes.length).toBeGreaterThan(10)
  expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([])
})
