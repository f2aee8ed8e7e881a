import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { resolveServerOptions } from '../src/server-options.ts'
import type { ServerPoolOptions } from '../src/server-options.ts'
import { chooseStrategy, transfersSockets } from '../src/server-strategy.ts'
import type { Surroundings } from '../src/server-strategy.ts'

const here: Surroundings = { node: '26.10.0', platform: 'linux', transfers: true, onlyTcp: true }

describe('the strategy', () => {
  it.each([
    ['transfer where sockets can be moved', here, 'transfer'],
    ['reusePort from Node 22.12 on', { ...here, node: '22.12.0', transfers: false }, 'reusePort'],
    ['cluster before', { ...here, node: '22.11.0', transfers: false }, 'cluster'],
    ['cluster on 23.0, which came before 22.12', { ...here, node: '23.0.0', transfers: false }, 'cluster'],
    [
      'cluster where the kernel does not spread',
      { ...here, platform: 'darwin', transfers: false },
      'cluster',
    ],
    ['cluster for a Unix socket', { ...here, onlyTcp: false }, 'cluster'],
  ] as const)('auto is %s', (_, surroundings, expected) => {
    expect(chooseStrategy('auto', surroundings)).toBe(expected)
  })

  it('can be forced where it works, and says why where it does not', () => {
    for (const strategy of ['transfer', 'reusePort', 'cluster'] as const) {
      expect(chooseStrategy(strategy, here)).toBe(strategy)
    }
    const force = (strategy: string, change: Partial<Surroundings>) => () =>
      chooseStrategy(strategy as 'transfer', { ...here, ...change })
    expect(force('transfer', { transfers: false, node: '22.12.0' })).toThrow(
      /needs Node 26\.6 or later, this is 22\.12\.0/,
    )
    expect(force('reusePort', { platform: 'win32' })).toThrow(/win32 does not spread/)
    expect(force('reusePort', { listens: true })).toThrow(/listens in this thread already/)
    expect(force('transfer', { onlyTcp: false })).toThrow(/Unix socket/)
    expect(force('threads', {})).toThrow(/must be 'auto', 'transfer', 'reusePort', 'cluster', got 'threads'/)
  })

  it('of this Node moves sockets from 26.6 on', () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    if (major > 26 || (major === 26 && minor >= 6)) expect(transfersSockets()).toBe(true)
    else if (major < 24) expect(transfersSockets()).toBe(false)
    else expect(transfersSockets()).toBeTypeOf('boolean')
  })
})

describe('server pool options', () => {
  it('fill in the defaults', () => {
    const { threads, ...resolved } = resolveServerOptions({ listen: { port: 80 } })
    expect(Number.isInteger(threads) && threads >= 1).toBe(true)
    expect(resolved).toMatchObject({
      listen: [{ port: 80, backlog: 4096 }],
      strategy: 'auto',
      grace: 10_000,
      heartbeatTimeout: 10_000,
    })
  })

  const wrong: [unknown, RegExp][] = [
    [{ listen: [] }, /'listen' is empty/],
    [{ listen: { port: 0 }, startWith: 0 }, /'startWith' must be a whole number from 1 on, got 0/],
    [{ listen: { port: 0 }, resourceLimits: { maxOldGenerationSizeMb: -1 } }, /'resourceLimits' must be/],
    [
      { listen: { port: 70_000 } },
      /'port' from 0 to 65535, a 'path' or a 'server' that listens, got {"port":70000}/,
    ],
    [{ listen: { port: 1, path: '/x' } }, /'listen' must name/],
    [{ listen: { server: createServer() } }, /a 'server' that listens, got a server that does not listen/],
    [{ listen: { port: 1 }, threads: 0 }, /'threads' must be 'auto' or a whole number from 1 to 1024, got 0/],
    [
      { listen: { port: 1 }, grace: -1 },
      /'grace' must be a number of milliseconds from 0 to 2147483647, got -1/,
    ],
    [{ listen: { port: 1 }, heartbeatTimeout: 600 }, /at least twice 'heartbeatInterval' \(1000\), got 600/],
    [{ listen: { port: 1 }, thread: 2 }, /unknown option 'thread'/],
    [undefined, /options must be an object/],
  ]
  it.each(wrong)('refuse %j and say why', (options, message) => {
    expect(() => resolveServerOptions(options as ServerPoolOptions)).toThrow(TypeError)
    expect(() => resolveServerOptions(options as ServerPoolOptions)).toThrow(message)
  })
})
