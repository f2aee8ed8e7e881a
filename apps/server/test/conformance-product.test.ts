import type { HttpServer } from '@tsws/engine'
import { readCorpus } from '@tsws/testing'
import type { CorpusCase } from '@tsws/testing'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningServer } from '../src/start-server.ts'
import { CORPUS, startCorpusServers } from './corpus-servers.ts'
import type { CorpusServers } from './corpus-servers.ts'
import { converse, needsTls, referenceOf, scriptOf, variablesOf } from './cut-conversation.ts'
import type { Peer, Reference, Step } from './cut-conversation.ts'

/*
 * The product: each case of the corpus, cut at each of its bytes, over TCP and over TLS. A cut case has to get
 * byte by byte what the same case got whole, and the corpus's own runner says that this is right (`conformance`).
 * What it means to be cut: the server has read all before it, on its own, before the rest is sent.
 */

/** Every so many bytes there is a cut; with 1 everywhere, which takes some minutes. The places move from case to case. */
const STRIDE = Number(process.env['TSWS_CUT_STRIDE'] ?? 61)

/** Where the differences go as they come, for a long run. */
const LOG = process.env['TSWS_CUT_LOG']

/** Bytes. What lies beyond is more of the same, in cases of megabytes: it is cut at a prime's distance. */
const CUT_EVERYWHERE = 4 * 1024
const FAR_STRIDE = 997
const FARTHEST = 64 * 1024
const FARTHEST_STRIDE = 99_991

/** Conversations at once. */
const CONCURRENCY = 64

let servers: CorpusServers
let plain: RunningServer
let secure: RunningServer

beforeAll(async () => {
  servers = await startCorpusServers(
    {
      compress: false, // while a coding is made anew, one answer may be longer than another
      // No deadline comes while its clock stands still (a handshake has a timer of its own): how long the machine takes
      // changes nothing.
      engine: { clock: { now: () => 0, every: () => () => {} } },
    },
    { handshakeTimeout: 600_000 },
  )
  ;({ plain, secure } = servers)
  for (const { engine } of [plain, secure]) await settled(engine)
})

afterAll(() => servers.close())

/** A file that was written a moment ago has a weak tag, and a strong one from then on. */
async function settled(engine: HttpServer): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { response } = await engine.inject({ method: 'HEAD', target: '/blob.bin' })
    if (response.headers.get('etag')?.startsWith('"')) return
    await sleep(100)
  }
  throw new Error('the tag of /blob.bin was weak for 20 s')
}

const TRANSPORTS: Record<string, () => { peer: Peer; engine: HttpServer }> = {
  TCP: () => ({ peer: { port: plain.port, tls: false }, engine: plain.engine }),
  TLS: () => ({ peer: { port: secure.port, tls: true }, engine: secure.engine }),
}

describe.each(Object.entries(TRANSPORTS))('over %s', (name, transport) => {
  test(
    `each case gets the same bytes, wherever its input is cut (every ${STRIDE} bytes)`,
    {
      timeout: 3_600_000,
    },
    async () => {
      const { engine, peer } = transport()
      const cases = readCorpus(join(CORPUS, 'corpus')).filter((one) => applies(one, name === 'TLS'))
      const prepared = await inParallel(16, cases, async (one) => {
        const script = scriptOf(one, await variablesOf(one, engine, peer))
        return { one, script, reference: await referenceOf(peer, one, script) }
      })
      const runs = prepared.flatMap(({ one, script, reference }, index) =>
        cutsOf(script, index).map((cut) => ({ one, script, reference, cut })),
      )
      const differences: string[] = []
      await inParallel(CONCURRENCY, runs, async ({ one, script, reference, cut }) => {
        const seen = await converse(peer, one, script, { cut, reference, engine })
        const difference = differs(seen, reference)
        if (difference === null || isHeldBack(one, seen, reference)) return
        differences.push(`${one.id} cut at ${cut}: ${difference}`)
        note(differences.at(-1) as string)
      })
      note(`${name}: ${prepared.length} cases, ${runs.length} cuts, ${differences.length} differences`)
      expect(differences.slice(0, 40)).toEqual([])
    },
  )
})

function applies(one: CorpusCase, tls: boolean): boolean {
  return tls ? one.plain !== true && needsTls(one) !== 'other' : needsTls(one) === 'no'
}

function cutsOf(script: readonly Step[], index: number): number[] {
  const length = script.reduce((sum, step) => sum + (step.bytes?.length ?? 0), 0)
  const cuts: number[] = []
  for (let cut = 1 + (index % STRIDE); cut < length; cut += strideAt(cut)) cuts.push(cut)
  return cuts
}

function strideAt(cut: number): number {
  if (cut < CUT_EVERYWHERE) return STRIDE
  return cut < FARTHEST ? FAR_STRIDE : FARTHEST_STRIDE
}

function differs(seen: Reference, reference: Reference): string | null {
  if (seen.text === reference.text) {
    return seen.closed === reference.closed ? null : `the server ${seen.closed ? 'closed' : 'did not close'}`
  }
  let at = 0
  while (seen.text[at] === reference.text[at]) at++
  const from = Math.max(0, at - 40)
  return `at ${at}: ${JSON.stringify(seen.text.slice(from, at + 80))} for ${JSON.stringify(reference.text.slice(from, at + 80))}`
}

/**
 * Cut before a body that an `Expect` may hold back, an answer that does not want it has to end the connection
 * (RFC 9110 §10.1.1); with the body there it need not. That is the one thing that a cut may change.
 */
function isHeldBack(one: CorpusCase, seen: Reference, reference: Reference): boolean {
  return (
    one.category === 'expect' &&
    seen.closed &&
    !reference.closed &&
    seen.text.replace('\r\nConnection: close', '') === reference.text
  )
}

function note(line: string): void {
  if (LOG !== undefined) appendFileSync(LOG, `${line}\n`)
}

/** All done, so many at a time. */
async function inParallel<In, Out>(
  count: number,
  inputs: readonly In[],
  work: (input: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next++
      results[index] = await work(inputs[index] as In)
    }
  }
  await Promise.all(Array.from({ length: count }, worker))
  return results
}
