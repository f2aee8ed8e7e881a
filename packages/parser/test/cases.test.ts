import { describe, expect, test } from 'vitest'
import { readCases } from './case-files.ts'
import { byByte } from './events.ts'
import { transcriptOf } from './transcript.ts'

const cases = readCases()

test('there are cases, and no two have the same title', () => {
  expect(cases.length).toBeGreaterThan(800)
  expect(new Set(cases.map(({ file, title }) => `${file}: ${title}`)).size).toBe(cases.length)
})

describe.each(cases)('$file: $title', ({ bytes, options, expected }) => {
  test('gives the events that are written down', () => {
    expect(transcriptOf([bytes], options)).toEqual(expected)
  })

  test('gives the same events a byte at a time', () => {
    expect(transcriptOf(byByte(bytes), options)).toEqual(expected)
  })

  test('gives the same events cut in two at every byte', () => {
    const different: { cut: number; events: string[] }[] = []
    for (let cut = 1; cut < bytes.length; cut++) {
      const events = transcriptOf([bytes.slice(0, cut), bytes.slice(cut)], options)
      if (events.join('\n') !== expected.join('\n')) different.push({ cut, events })
    }
    expect(different).toEqual([])
  })
})
