import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WrongAnswer } from '../answers.ts'
import { HELLO } from '../fixtures.ts'
import { memoryOf } from '../procfs.ts'
import { readAnswer } from '../raw-client.ts'
import { withServer } from '../servers.ts'
import { get } from './messages.ts'
import type { Scenario } from './scenario.ts'

/**
 * Memory is read at both counts, and the difference is divided: what a server needs however few there are
 * (compiled code, a grown heap) is in both and falls out.
 */
const FEW = 1000
const MANY = 10_000
/** Connections opened at the same time: below every server's backlog. */
const AT_ONCE = 200
/** Time for a garbage collector to come by, ms. */
const SETTLE_MS = 1500

/** Connections that have had one answer and stay open. */
export const IDLE: Scenario = {
  name: 'idle',
  title: `${MANY.toLocaleString('en')} idle keep-alive connections`,
  main: 'perConnection',
  figures: ['idleRss', 'peakRss'],
  app: 'hello',
  needs: [],
  measure: (bench, peer) =>
    withServer(bench, peer, { app: 'hello' }, async (server) => {
      const idle = memoryOf(server.pid)
      const sockets: Socket[] = []
      const request = get(server.port, '/hello.txt')
      const openUntil = async (count: number): Promise<number> => {
        while (sockets.length < count) {
          const batch = Math.min(AT_ONCE, count - sockets.length)
          sockets.push(
            ...(await Promise.all(Array.from({ length: batch }, () => open(server.port, request)))),
          )
        }
        await sleep(SETTLE_MS)
        return memoryOf(server.pid).rss
      }
      try {
        const few = await openUntil(FEW)
        const many = await openUntil(MANY)
        const lost = sockets.filter(({ destroyed, readable }) => destroyed || !readable).length
        if (lost > 0) throw new WrongAnswer(`${peer.name}, idle: ${lost} of ${MANY} connections were closed`)
        return {
          perConnection: (many - few) / (MANY - FEW),
          idleRss: idle.rss,
          peakRss: memoryOf(server.pid).peak,
        }
      } finally {
        for (const socket of sockets) socket.resetAndDestroy() // no TIME_WAIT: the ports are needed again
      }
    }),
}

/** A connection that has had its answer. */
function open(port: number, request: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const answer = readAnswer(bytes, false)
      if (answer === null) return
      if (answer.status === 200 && answer.body.toString() === HELLO) resolve(socket)
      else reject(new WrongAnswer(`an idle connection was answered ${answer.status}`))
    })
    socket.on('error', reject)
    socket.once('close', () => reject(new WrongAnswer('the server closed a keep-alive connection')))
    socket.write(request)
  })
}
