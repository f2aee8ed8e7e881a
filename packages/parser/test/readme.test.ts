import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { connect } from 'node:net'
import { afterAll, expect, test } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const written: URL[] = []

/** Runs the README's example of that name as a module, and returns what it calls `name`. */
async function example(kind: string, name: string): Promise<unknown> {
  const code = new RegExp(`^\`\`\`ts ${kind}\\n([^]*?)^\`\`\`$`, 'm').exec(readme)![1]!
  const file = new URL(`./readme-${kind}.generated.ts`, import.meta.url)
  written.push(file)
  writeFileSync(file, `${code.replace("'@tsws/parser'", "'../src/index.ts'")}\nexport { ${name} }\n`)
  return ((await import(file.href)) as Record<string, unknown>)[name]
}

afterAll(() => written.forEach((file) => rmSync(file, { force: true })))

test('the browser example lists the head', async () => {
  expect(await example('browser', 'lines')).toEqual([
    'GET /search?q=cats',
    'host = example.org',
    'accept = */*',
  ])
})

test('the client example reads the body', async () => {
  expect(await example('client', 'body')).toBe('hi')
})

test('the socket example answers requests, and refuses what is wrong', async () => {
  const server = (await example('node', 'server')) as Server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const answer = await new Promise<string>((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')))
    socket.on('close', () => resolve(text))
    socket.write('GET /a HTTP/1.1\r\nHost: b\r\nUser-Agent: me\r\n\r\nGET /b HTTP/1.1\r\n\r\n')
  })
  server.close()
  expect(answer).toContain('GET /a from me\n')
  expect(answer).toContain('HTTP/1.1 400 Refused\r\n')
})
