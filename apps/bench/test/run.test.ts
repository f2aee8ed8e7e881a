import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fixtures } from '../src/fixtures.ts'
import type { Peer } from '../src/peers.ts'
import { startPinned } from '../src/processes.ts'
import { exchange } from '../src/raw-client.ts'
import { runScenario } from '../src/run.ts'
import { assertAnswer } from '../src/answers.ts'
import { HELLO_ANSWER, hello } from '../src/scenarios/messages.ts'
import type { Scenario } from '../src/scenarios/scenario.ts'
import { withServer } from '../src/servers.ts'
import type { Bench } from '../src/servers.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsws-bench-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fixtures: Fixtures = {
  root: '/',
  scratch: '/',
  tls: null,
  read: () => Buffer.alloc(0),
}
const bench: Bench = {
  settings: { rounds: 2, warmUpMs: 0, durationMs: 0, serverCpu: '0', loadCpu: '0', source: true },
  fixtures,
  tsws: { root: '/', source: true },
}

/** A server of one line: what it answers to anything. */
function peer(name: string, body: string, over: Partial<Peer> = {}): Peer {
  const program = `
    const { port } = JSON.parse(process.env.BENCH_SERVER)
    require('node:http').createServer((request, response) => {
      response.setHeader('Content-Type', 'text/plain')
      response.end(${JSON.stringify(body)})
    }).listen(port, '127.0.0.1')`
  const file = join(folder, `${name}.cjs`)
  writeFileSync(file, program)
  return {
    name,
    apps: ['hello'],
    abilities: [],
    absent: () => null,
    version: () => '1',
    command: (spec) => ({
      file: process.execPath,
      args: [file],
      env: { BENCH_SERVER: JSON.stringify(spec) },
    }),
    ...over,
  }
}

const order: string[] = []
const pids: number[] = []
const scenario: Scenario = {
  name: 'test',
  title: 'Test',
  main: 'cpu',
  figures: [],
  app: 'hello',
  needs: [],
  measure: (bench, peer) =>
    withServer(bench, peer, { app: 'hello' }, async (server) => {
      order.push(peer.name)
      pids.push(server.pid)
      const [answer] = await exchange(server.port, hello(server.port)[0]!.bytes)
      assertAnswer(answer!, HELLO_ANSWER, peer.name)
      return { cpu: 1 }
    }),
}
const log = (): void => undefined

describe('runScenario', () => {
  it('gives a server that answers wrongly no figures but a failure', async () => {
    const result = await runScenario(
      bench,
      scenario,
      [peer('right', 'Hello, World!'), peer('wrong', 'Hello, world!')],
      { log },
    )
    expect(result.rows.map(({ peer }) => peer)).toEqual(['right'])
    expect(result.left).toEqual([
      { peer: 'wrong', failed: true, reason: 'wrong: 13 bytes, expected 13; byte 7 differs' },
    ])
  })

  it('interleaves the rounds and starts each with another server', async () => {
    order.length = 0
    await runScenario(bench, scenario, [peer('a', 'Hello, World!'), peer('b', 'Hello, World!')], { log })
    expect(order).toEqual(['a', 'b', 'b', 'a'])
  })

  it('names who is absent and who cannot, instead of dropping them', async () => {
    const absent = peer('absent', '', { absent: () => 'not installed: pnpm bench:setup' })
    const unable = peer('unable', '', { apps: ['files'] })
    const result = await runScenario(bench, scenario, [absent, unable], { log })
    expect(result.rows).toEqual([])
    expect(result.left).toEqual([
      { peer: 'absent', reason: 'not installed: pnpm bench:setup', failed: false },
      { peer: 'unable', reason: 'does not do "hello"', failed: false },
    ])
  })

  it('reports a server that does not start, with what it printed', async () => {
    const broken = peer('broken', '', {
      command: () => ({
        file: process.execPath,
        args: ['-e', 'console.error("no port for me"); process.exit(3)'],
      }),
    })
    const result = await runScenario(bench, scenario, [broken], { log })
    expect(result.left[0]).toMatchObject({ peer: 'broken', failed: true })
    expect(result.left[0]!.reason).toContain('no port for me')
  })

  it('leaves no server behind', () => {
    expect(pids.length).toBeGreaterThan(3)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  })
})

it('stops a server that will not end by itself, and its children', async () => {
  const program = `
    process.on('SIGTERM', () => {})
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'])
    console.log(child.pid)
    setInterval(() => {}, 1000)`
  const server = startPinned(process.execPath, ['-e', program], { cpu: '0' })
  await expect.poll(() => server.output(), { timeout: 15_000 }).toMatch(/^\d+\n/)
  const child = Number(server.output())
  await server.stop()
  expect(server.ended()).toBe(true)
  await expect.poll(() => alive(child), { timeout: 5000 }).toBe(false)
})

/** Whoever inherited a killed process may take its time to look: until then it is a zombie (Z), and dead. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
