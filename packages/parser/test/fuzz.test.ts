import { expect, test } from 'vitest'
import { Coverage } from '../fuzz/coverage.ts'
import { fuzz } from '../fuzz/fuzz.ts'

// The long run is fuzz/run.mjs. The seed is fixed: a test that fails by chance on other people's changes helps nobody.
const EXECUTIONS = 20_000
const SEED = 4

test('twenty thousand damaged messages are refused or understood, the same however they are cut', () => {
  expect(fuzz(EXECUTIONS, SEED)).toEqual([])
})

test('a damaged message that reaches code for the first time is damaged further', () => {
  const corpus = {
    request: ['GET / HTTP/1.1\r\n\r\n'],
    response: ['HTTP/1.1 200 OK\r\n\r\n'],
    chunked: ['0\r\n\r\n'],
  }
  expect(fuzz(2048, SEED, corpus, new Coverage())).toEqual([])
  expect(corpus.request.length).toBeGreaterThan(1)
  expect(corpus.chunked.length).toBeGreaterThan(1)
})
