import { acceptsMediaType } from '@tsws/headers'
import { HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { HttpRequest } from '@tsws/http'
import { setImmediate } from 'node:timers/promises'
import type { DirectoryEntry, DirectoryReader, EntryDetails } from './directory-reader.ts'
import { listingJson } from './listing-json.ts'
import { listingPage } from './listing-page.ts'
import { sortSlowly } from './sort-slowly.ts'
import { Turns } from './turns.ts'

/** How a folder is shown. */
export interface ListingView {
  readonly sort: 'name' | 'size' | 'time'
  readonly order: 'asc' | 'desc'
}

/** What writes a listing down. Pure: values in, text out. */
export interface ListingFormat {
  head(path: string, view: ListingView): string
  row(entry: EntryDetails, isFirst: boolean): string
  /** @param shown how many rows there were @param complete false when there are more than may be shown */
  foot(shown: number, complete: boolean): string
}

export interface ListingSettings {
  readonly base: string
  /** URL path of the stylesheet. */
  readonly stylesheet: string
  /** URL query values by which the folder can be downloaded. */
  readonly archives: readonly string[]
}

/** Shows an open folder, as a page or as JSON. Takes the reader: it is closed with the body. */
export function answerListing(
  request: HttpRequest,
  reader: DirectoryReader,
  settings: ListingSettings,
): HttpResponse {
  const view = viewOf(request)
  const json = prefersJson(request.headers.get('accept'))
  const format = json ? listingJson() : listingPage(settings)
  return new HttpResponse(new ListingBody(reader, view, format), {
    headers: HttpHeaders.of(json ? JSON_FIELDS : PAGE_FIELDS),
  })
}

/** `?sort=size&order=desc`; anything else is the default. */
function viewOf(request: HttpRequest): ListingView {
  if (request.search === '') return DEFAULT_VIEW
  const sort = request.searchParams.get('sort')
  return {
    sort: sort === 'size' || sort === 'time' ? sort : 'name',
    order: request.searchParams.get('order') === 'desc' ? 'desc' : 'asc',
  }
}

const DEFAULT_VIEW: ListingView = Object.freeze({ sort: 'name', order: 'asc' })

function prefersJson(accept: string | null): boolean {
  if (accept === null) return false
  return acceptsMediaType(accept, 'application/json') > acceptsMediaType(accept, 'text/html')
}

const COMMON = { 'Cache-Control': 'no-cache', Vary: 'Accept, Accept-Encoding' }
const JSON_FIELDS = new HeaderBlock({ 'Content-Type': 'application/json', ...COMMON })
// Nothing on the page runs, and nothing but the one stylesheet is loaded: a name that slips through is only text.
const PAGE_FIELDS = new HeaderBlock({
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  ...COMMON,
})

/** Entries shown. What more there is could not be found by looking, and holds memory while it is sorted. */
const MAX_ENTRIES = 100_000
/** Large folders shown at the same time, in the whole process: 20 MB each at most. */
const turns = new Turns(4)
/** Entries that are asked for their size at the same time, and written as one piece. */
const BATCH = 128

/** A folder written row by row: the first rows leave before the last are known. Closes the reader in every case. */
class ListingBody implements AsyncIterable<Uint8Array> {
  readonly #reader: DirectoryReader
  readonly #pieces: AsyncGenerator<string, void, undefined>

  constructor(reader: DirectoryReader, view: ListingView, format: ListingFormat) {
    this.#reader = reader
    this.#pieces = writeListing(reader, view, format)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        try {
          const piece = await this.#pieces.next()
          if (!piece.done) return { done: false, value: Buffer.from(piece.value) }
        } catch (error) {
          await this.#reader.close()
          throw error
        }
        await this.#reader.close()
        return { done: true, value: undefined }
      },
      return: async () => {
        await this.#pieces.return()
        await this.#reader.close()
        return { done: true, value: undefined }
      },
    }
  }
}

async function* writeListing(
  reader: DirectoryReader,
  view: ListingView,
  format: ListingFormat,
): AsyncGenerator<string, void, undefined> {
  let hasTurn = false
  try {
    const { entries, complete } = await reader.read(MAX_ENTRIES, async () => {
      await turns.take()
      hasTurn = true
    })
    let shown = 0
    let text = format.head(reader.path, view)
    for await (const batch of inOrder(reader, entries, view)) {
      for (const entry of batch) text += format.row(entry, shown++ === 0)
      yield text
      text = ''
    }
    yield text + format.foot(shown, complete)
  } finally {
    if (hasTurn) turns.give()
  }
}

/** The entries in batches. By name the first are known at once; by size or time only when all were asked. */
async function* inOrder(
  reader: DirectoryReader,
  entries: readonly DirectoryEntry[],
  view: ListingView,
): AsyncGenerator<EntryDetails[], void, undefined> {
  const sign = view.order === 'desc' ? -1 : 1
  if (view.sort === 'name') {
    const sorted = await sortSlowly(entries, (a, b) => foldersFirst(a, b) || sign * byName(a, b))
    for (let at = 0; at < sorted.length; at += BATCH)
      yield await detailsOf(reader, sorted.slice(at, at + BATCH))
    return
  }
  const all: EntryDetails[] = []
  for (let at = 0; at < entries.length; at += BATCH)
    all.push(...(await detailsOf(reader, entries.slice(at, at + BATCH))))
  const value =
    view.sort === 'size' ? (entry: EntryDetails) => entry.size : (entry: EntryDetails) => entry.modified
  const sorted = await sortSlowly(
    all,
    (a, b) => foldersFirst(a, b) || sign * ((value(a) ?? 0) - (value(b) ?? 0)) || byName(a, b),
  )
  for (let at = 0; at < sorted.length; at += BATCH) {
    yield sorted.slice(at, at + BATCH)
    await setImmediate() // nothing here waits for the disk any more: let others in
  }
}

async function detailsOf(
  reader: DirectoryReader,
  entries: readonly DirectoryEntry[],
): Promise<EntryDetails[]> {
  const details = await Promise.all(entries.map((entry) => reader.details(entry)))
  return details.filter((entry) => entry !== null)
}

// Made for the first listing: it loads tables that a server without listings never needs.
let collator: Intl.Collator | null = null

function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  collator ??= new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
  return collator.compare(a.name, b.name) || (a.name < b.name ? -1 : 1)
}

function foldersFirst(a: DirectoryEntry, b: DirectoryEntry): number {
  return Number(b.type === 'directory') - Number(a.type === 'directory')
}
