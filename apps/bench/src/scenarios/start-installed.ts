import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAnswer } from '../answers.ts'
import type { Peer } from '../peers.ts'
import { freePort, startPinned } from '../processes.ts'
import { memoryOf } from '../procfs.ts'
import type { Bench } from '../servers.ts'
import { median } from '../statistics.ts'
import { temporaryFolder } from '../temporary.ts'
import { installInto } from './install.ts'
import { hello } from './messages.ts'
import type { Scenario } from './scenario.ts'
import { firstAnswer } from './start.ts'

/** Starts per round: one start alone may meet a busy moment. */
const STARTS = 3
const HOST = '127.0.0.1'
/** Milliseconds that the start after the installation runs on; it is not counted. */
const KEEP_MS = 6000

interface StartInstalledOptions {
  readonly name: string
  readonly title: string
  readonly oneCore?: boolean
  /** Nothing is left of a start before: neither compiled code nor anything else in the temporary folder. */
  readonly cold?: boolean
}

/**
 * From starting a command to its first answer: as npm installs it, with its own defaults, log included, in a folder of
 * one file. Standard output is a pipe, so that tsws serves on as many threads as there are cores.
 */
export function startInstalled(options: StartInstalledOptions): Scenario {
  const { name, title, oneCore = false, cold = false } = options
  return {
    name,
    title,
    main: 'start',
    figures: ['idleRss'],
    app: 'hello',
    needs: ['command'],
    async measure(bench, peer) {
      const cores = oneCore ? bench.settings.serverCpu : `0-${availableParallelism() - 1}`
      const place = await installed(bench, peer)
      const times: number[] = []
      const memories: number[] = []
      for (let count = 0; count < STARTS; count++) {
        const temporary = cold ? temporaryFolder() : place.temporary
        const { us, rss } = await startOnce(peer, { ...place, temporary }, cores)
        times.push(us)
        memories.push(rss)
      }
      return { start: median(times), idleRss: median(memories) }
    },
  }
}

interface Place {
  readonly modules: string
  /** The folder to serve. */
  readonly root: string
  /** What the command has for its temporary folder. */
  readonly temporary: string
}

/** Installed once in a run, for all scenarios. */
const places = new Map<string, Place>()

async function installed(bench: Bench, peer: Peer): Promise<Place> {
  const known = places.get(peer.name)
  if (known !== undefined) return known
  const folder = temporaryFolder()
  const [root, temporary] = [join(folder, 'site'), join(folder, 'tmp')]
  for (const path of [root, temporary]) mkdirSync(path)
  writeFileSync(join(root, 'hello.txt'), 'Hello, World!')
  const place = { root, temporary, modules: await installInto(folder, bench, peer) }
  // Who keeps compiled code does so within this time; a start that is cut off before would leave every later one cold.
  await startOnce(peer, place, bench.settings.serverCpu, KEEP_MS)
  places.set(peer.name, place)
  return place
}

async function startOnce(
  peer: Peer,
  { modules, root, temporary }: Place,
  cpu: string,
  stayMs = 0,
): Promise<{ us: number; rss: number }> {
  const port = await freePort()
  const { program, args } = peer.installed!
  const command = [join(modules, program), ...args(root, HOST, port)]
  const begin = performance.now()
  const server = startPinned(process.execPath, command, { cpu, env: { TMPDIR: temporary } })
  try {
    const answer = await firstAnswer({ ...server, port }, begin)
    const us = (performance.now() - begin) * 1000
    assertAnswer(answer, hello(port)[0]!.answers[0]!, `${peer.name}, start`)
    await sleep(stayMs)
    return { us, rss: memoryOf(server.pid).rss }
  } finally {
    await server.stop()
  }
}
