import * as fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { accessLine } from '../src/access-line.ts'
import type { AccessEntry } from '../src/access-line.ts'

const text = fc.oneof(fc.constant(null), fc.string({ unit: 'binary' }), fc.string())

test('whatever the entry holds, the line is the one that pino writes', () => {
  fc.assert(
    fc.property(
      fc.record({
        requestId: text,
        method: text,
        path: text,
        status: fc.integer({ min: 100, max: 599 }),
        bytes: fc.nat(),
        durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
        remoteAddress: text,
      }),
      (entry: AccessEntry) => {
        let written = ''
        const logger = pino(
          { base: null, timestamp: () => ',"time":1' },
          { write: (line: string) => (written = line) },
        )
        logger.info(entry, 'request')
        const line = accessLine(entry, 30, 1, '', 'request')
        expect(line).toBe(written)
        expect(line.indexOf('\n')).toBe(line.length - 1)
      },
    ),
  )
})
