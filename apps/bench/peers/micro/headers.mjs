// Field values that a static server reads: Range, If-None-Match, Accept-Encoding.
import fresh from 'fresh'
import Negotiator from 'negotiator'
import rangeParser from 'range-parser'

const SIZE = 1_000_000
const ETAG = 'W/"18f-1a2b3c4d5e6"'
const BROWSER = 'gzip, deflate, br, zstd'
const CODINGS = ['br', 'gzip']

export async function prepare(load) {
  const { createCodingNegotiator, evaluatePreconditions, negotiateCoding, parseRange } = await load('headers')
  const negotiate = createCodingNegotiator(CODINGS)
  const facts = { etag: ETAG, lastModified: 1_700_000_000_000 }
  const fields = {
    ifMatch: null,
    ifNoneMatch: `"other", ${ETAG}`,
    ifModifiedSince: null,
    ifUnmodifiedSince: null,
  }
  const [one, three] = ['bytes=500-999', 'bytes=0-99,200-299,-100']
  const ours = (header) => () => parseRange(header, SIZE)
  return {
    cases: [
      { group: 'Range: one', name: 'tsws', run: ours(one), check: ({ ranges }) => ranges[0].start === 500 },
      {
        group: 'Range: one',
        name: 'range-parser',
        run: theirs(one),
        check: (ranges) => ranges[0].start === 500,
      },
      { group: 'Range: three', name: 'tsws', run: ours(three), check: ({ ranges }) => ranges.length === 3 },
      {
        group: 'Range: three',
        name: 'range-parser',
        run: theirs(three),
        check: (ranges) => ranges.length === 3,
      },
      {
        group: 'If-None-Match that matches',
        name: 'tsws',
        run: () => evaluatePreconditions('GET', fields, facts),
        check: (outcome) => outcome === 'not-modified',
      },
      {
        group: 'If-None-Match that matches',
        name: 'fresh',
        run: () => fresh({ 'if-none-match': fields.ifNoneMatch }, { etag: ETAG }),
        check: (isFresh) => isFresh === true,
      },
      {
        group: 'Accept-Encoding of a browser',
        name: 'tsws, remembered',
        run: () => negotiate(BROWSER),
        check: (coding) => coding === 'br',
      },
      {
        group: 'Accept-Encoding of a browser',
        name: 'tsws, parsed each time',
        run: () => negotiateCoding(BROWSER, CODINGS),
        check: (coding) => coding === 'br',
      },
      {
        group: 'Accept-Encoding of a browser',
        name: 'negotiator',
        run: () =>
          new Negotiator({ headers: { 'accept-encoding': BROWSER } }).encoding(CODINGS, {
            preferred: CODINGS,
          }),
        check: (coding) => coding === 'br',
      },
    ],
  }
}

const theirs = (header) => () => rangeParser(SIZE, header)
