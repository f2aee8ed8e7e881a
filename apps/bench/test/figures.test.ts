import { expect, it } from 'vitest'
import { formatFigure } from '../src/figures.ts'

it('shows three digits, in the unit of the column', () => {
  expect(formatFigure('cpu', 5.6789)).toBe('5.68')
  expect(formatFigure('p99', 12_000)).toBe('12.0')
  expect(formatFigure('peakRss', 64 * 2 ** 20)).toBe('64.0')
  expect(formatFigure('busy', 0.5)).toBe('50.0')
})

it('groups large numbers and leaves counts whole', () => {
  expect(formatFigure('rate', 181_304.4)).toBe('181 304')
  expect(formatFigure('packages', 13)).toBe('13')
})

it('shows a dash for what could not be told', () => {
  expect(formatFigure('p999', Number.NaN)).toBe('–')
})
