import { setTimeout } from 'node:timers/promises'
import { assertAnswer, assertLoad } from '../answers.ts'
import type { Expected } from '../answers.ts'
import type { Sample } from '../figures.ts'
import type { Fixtures } from '../fixtures.ts'
import { drive } from '../load/drive.ts'
import type { Ability, App, Peer } from '../peers.ts'
import { cpuMicroseconds, memoryOf } from '../procfs.ts'
import { exchange } from '../raw-client.ts'
import { withServer } from '../servers.ts'
import type { Bench, RunningServer } from '../servers.ts'
import type { Scenario } from './scenario.ts'

/** One message of a load: the bytes to send, and what must come back for each request in it. */
export interface Message {
  readonly bytes: string
  readonly answers: readonly Expected[]
}

export interface LoadScenarioOptions {
  readonly name: string
  readonly title: string
  readonly app: App
  readonly needs?: readonly Ability[]
  readonly tls?: boolean
  readonly connections: number
  /** Every connection is closed after its answer. */
  readonly close?: boolean
  readonly workers?: number
  /** wrk tells no percentiles for pipelined requests. */
  readonly withoutLatency?: boolean
  /** What the ratios are of. @default 'cpu' */
  readonly main?: 'cpu' | 'rate'
  /** Show how many bytes an answer has on the wire: servers compress with different zeal. */
  readonly showWire?: boolean
  /** Milliseconds of quiet before the load, for what a server does better once nobody waits. @default 0 */
  readonly quietMs?: number
  /** Few large answers: count what came by its bytes, as half an answer at the end would weigh too much. */
  readonly countBytes?: boolean
  messages(port: number, fixtures: Fixtures): Message[] | Promise<Message[]>
}

/** The later rounds look at this many of the messages again; the first one at all of them. */
const SPOT_CHECKS = 10

/** A scenario of the usual kind: HTTP/1.1 from wrk for a while, figures from /proc and from wrk. */
export function loadScenario(options: LoadScenarioOptions): Scenario {
  return {
    name: options.name,
    title: options.title,
    app: options.app,
    needs: [
      ...(options.needs ?? []),
      ...(options.tls ? (['tls'] as const) : []),
      ...(options.close ? (['close'] as const) : []),
    ],
    ...(options.tls && { tools: ['openssl'] as const }),
    main: options.main ?? 'cpu',
    figures: [
      options.countBytes ? 'throughput' : options.main === 'rate' ? 'cpu' : 'rate',
      ...(options.withoutLatency ? [] : (['p50', 'p99', 'p999'] as const)),
      ...(options.showWire ? (['wire'] as const) : []),
      'busy',
      'idleRss',
      'peakRss',
    ],
    measure: (bench, peer, round) =>
      withServer(bench, peer, options, (server) => measureLoad(bench, peer, options, server, round)),
  }
}

async function measureLoad(
  bench: Bench,
  peer: Peer,
  options: LoadScenarioOptions,
  server: RunningServer,
  round: number,
): Promise<Sample> {
  const { settings, fixtures } = bench
  const { workers = 1 } = options
  const what = `${peer.name}, ${options.name}`
  const messages = await options.messages(server.port, fixtures)
  const tls = options.tls ?? false
  const size = await assertMessages(
    server.port,
    messages,
    tls,
    round === 0 ? messages.length : SPOT_CHECKS,
    what,
  )
  const idle = memoryOf(server.pid)
  if (options.quietMs !== undefined) await setTimeout(options.quietMs)
  const load = {
    port: server.port,
    tls,
    messages: messages.map(({ bytes }) => bytes),
    connections: options.connections,
    // One thread cannot load several cores: there the generator takes part on all of them.
    ...(workers > 1 ? { cpu: `0-${workers - 1}`, threads: workers } : { cpu: settings.loadCpu }),
  }
  await drive({ ...load, durationMs: settings.warmUpMs })
  const before = { cpu: cpuMicroseconds(server.pid), at: performance.now() }
  const seen = await drive({ ...load, durationMs: settings.durationMs })
  const cpu = cpuMicroseconds(server.pid) - before.cpu
  const wallUs = (performance.now() - before.at) * 1000
  // Once more: what was right before the load has to be right after it. And a server may compress better meanwhile.
  const after = await assertMessages(server.port, messages, tls, SPOT_CHECKS, `${what}, after the load`)
  assertLoad(seen, messages[0]!.answers[0]!.status, Math.min(size.least, after.least), what)
  const requests = options.countBytes ? seen.bytes / size.mean : seen.requests
  const seconds = seen.durationMs / 1000
  return {
    cpu: cpu / requests,
    rate: requests / seconds,
    throughput: seen.bytes / seconds,
    ...(!options.withoutLatency && seen.latency),
    busy: cpu / wallUs,
    idleRss: idle.rss,
    peakRss: memoryOf(server.pid).peak,
    wire: after.mean,
  }
}

/** Sends messages as the load will, and compares every answer. Gives back how large the answers are. */
async function assertMessages(
  port: number,
  messages: readonly Message[],
  tls: boolean,
  count: number,
  what: string,
): Promise<{ least: number; mean: number }> {
  const step = Math.max(1, Math.floor(messages.length / count))
  const sizes: number[] = []
  for (let index = 0; index < messages.length; index += step) {
    const { bytes, answers } = messages[index]!
    const got = await exchange(port, bytes, answers.length, tls)
    for (const [at, expected] of answers.entries()) {
      assertAnswer(got[at]!, expected, `${what}, message ${index + 1}, answer ${at + 1}`)
      sizes.push(got[at]!.wireBytes)
    }
  }
  return { least: Math.min(...sizes), mean: sizes.reduce((sum, size) => sum + size, 0) / sizes.length }
}
