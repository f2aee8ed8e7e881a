import { setTimeout as sleep } from 'node:timers/promises'
import { assertAnswer } from '../answers.ts'
import { largeTree } from '../fixtures.ts'
import type { Fixtures } from '../fixtures.ts'
import type { App, Peer } from '../peers.ts'
import { memoryOf } from '../procfs.ts'
import { exchange } from '../raw-client.ts'
import type { RawAnswer } from '../raw-client.ts'
import { launch } from '../servers.ts'
import type { Bench, RunningServer } from '../servers.ts'
import { median } from '../statistics.ts'
import { hello } from './messages.ts'
import type { Scenario } from './scenario.ts'

/** Starts per round: one start alone may meet a busy moment. */
const STARTS = 3
const TIMEOUT_MS = 15_000

/** From the start of the process to the last byte of its first answer. */
export const START: Scenario = startScenario({
  name: 'start',
  title: 'From starting the process to its first answer',
  app: 'hello',
  root: ({ root }) => root,
})

/** The same where a scan of the folder at the start would show. */
export const START_IN_LARGE_TREE: Scenario = startScenario({
  name: 'start-100000',
  title: 'The same in a folder of 100,000 files',
  app: 'files',
  root: largeTree,
})

interface StartScenarioOptions {
  readonly name: string
  readonly title: string
  readonly app: App
  root(fixtures: Fixtures): string
}

function startScenario({ name, title, app, root }: StartScenarioOptions): Scenario {
  return {
    name,
    title,
    main: 'start',
    figures: ['idleRss'],
    app,
    needs: [],
    async measure(bench, peer) {
      const there = { ...bench, fixtures: { ...bench.fixtures, root: root(bench.fixtures) } }
      const times: number[] = []
      const memories: number[] = []
      for (let count = 0; count < STARTS; count++) {
        const { us, rss } = await startOnce(there, peer, app)
        times.push(us)
        memories.push(rss)
      }
      return { start: median(times), idleRss: median(memories) }
    },
  }
}

async function startOnce(bench: Bench, peer: Peer, app: App): Promise<{ us: number; rss: number }> {
  const begin = performance.now()
  const server = await launch(bench, peer, { app })
  try {
    const answer = await firstAnswer(server, begin)
    const us = (performance.now() - begin) * 1000
    assertAnswer(answer, hello(server.port)[0]!.answers[0]!, `${peer.name}, start`)
    return { us, rss: memoryOf(server.pid).rss }
  } finally {
    await server.stop()
  }
}

/** Asks until there is an answer, and gives the first. */
export async function firstAnswer(server: RunningServer, begin: number): Promise<RawAnswer> {
  const [message] = hello(server.port)
  for (;;) {
    try {
      const [answer] = await exchange(server.port, message!.bytes)
      return answer!
    } catch (error) {
      if (server.ended())
        throw new Error(`the server ended: ${server.output().slice(0, 1000)}`, { cause: error })
      if (performance.now() - begin > TIMEOUT_MS) throw error
      await sleep(1)
    }
  }
}
