// The parsers beside the packages people use for the same, which are not among the workspace's dependencies:
//   npm install --prefix /tmp/peers range-parser negotiator fresh content-type
//   pnpm exec node --conditions=@tsws/source packages/headers/bench/headers.ts /tmp/peers
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  createCodingNegotiator,
  evaluatePreconditions,
  formatHttpDate,
  negotiateCoding,
  parseHttpDate,
  parseMediaType,
  parseRange,
} from '../src/index.ts'

const ROUNDS = 7
const TURNS = 200_000
const peers = process.argv[2]
const requirePeer = peers === undefined ? null : createRequire(join(peers, 'package.json'))
let sink = 0

/** The least of some rounds: what the machine does beside this makes them only longer. */
function measure(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint()
    for (let turn = 0; turn < TURNS; turn++) if (work() !== undefined) sink++
    least = Math.min(least, Number(process.hrtime.bigint() - started) / TURNS)
  }
  return least
}

function row(name: string, ours: () => unknown, peerName: string, theirs: (() => unknown) | null): void {
  const peer = theirs === null ? '' : `${peerName} ${measure(theirs).toFixed(0)} ns`
  console.log(`${name.padEnd(30)} ${measure(ours).toFixed(0).padStart(6)} ns   ${peer}`)
}

const ACCEPT = 'gzip, deflate, br, zstd'
const CODINGS = ['br', 'zstd', 'gzip']
const DATE = 'Tue, 02 Jan 2024 03:04:05 GMT'
const TIME = Date.UTC(2024, 0, 2, 3, 4, 5)
const TAG = 'W/"270g-gs2qfhelvk"'
const FACTS = { etag: TAG, lastModified: TIME }
const FIELDS = { ifMatch: null, ifNoneMatch: TAG, ifModifiedSince: DATE, ifUnmodifiedSince: null }

type Peer<T> = T | null
const load = <T>(name: string): Peer<T> => (requirePeer === null ? null : (requirePeer(name) as T))
const rangeParser = load<(size: number, field: string) => unknown>('range-parser')
const Negotiator =
  load<new (request: { headers: object }) => { encoding(list: string[]): unknown }>('negotiator')
const fresh = load<(request: object, response: object) => boolean>('fresh')
const contentType = load<{ parse(value: string): unknown }>('content-type')

const negotiate = createCodingNegotiator(CODINGS)
const request = { headers: { 'accept-encoding': ACCEPT } }
row(
  'negotiateCoding',
  () => negotiateCoding(ACCEPT, CODINGS),
  'negotiator',
  Negotiator && (() => new Negotiator(request).encoding(CODINGS)),
)
row('createCodingNegotiator', () => negotiate(ACCEPT), '', null)
row(
  'parseRange, one',
  () => parseRange('bytes=0-1023', 100_000),
  'range-parser',
  rangeParser && (() => rangeParser(100_000, 'bytes=0-1023')),
)
row(
  'parseRange, three',
  () => parseRange('bytes=0-99,200-299,-100', 100_000),
  'range-parser',
  rangeParser && (() => rangeParser(100_000, 'bytes=0-99,200-299,-100')),
)
const conditions = { 'if-none-match': TAG, 'if-modified-since': DATE }
const validators = { etag: TAG, 'last-modified': DATE }
row(
  'evaluatePreconditions',
  () => evaluatePreconditions('GET', FIELDS, FACTS),
  'fresh',
  fresh && (() => fresh(conditions, validators)),
)
const byDate = { ...FIELDS, ifNoneMatch: null }
row(
  '  by date',
  () => evaluatePreconditions('GET', byDate, FACTS),
  'fresh',
  fresh && (() => fresh({ 'if-modified-since': DATE }, validators)),
)
row(
  'parseHttpDate',
  () => parseHttpDate(DATE),
  'Date.parse',
  () => Date.parse(DATE),
)
row(
  'formatHttpDate',
  () => formatHttpDate(TIME),
  'toUTCString',
  () => new Date(TIME).toUTCString(),
)
const type = 'text/html; charset=utf-8'
row(
  'parseMediaType',
  () => parseMediaType(type),
  'content-type',
  contentType && (() => contentType.parse(type)),
)
console.log(sink > 0 ? '' : sink)
