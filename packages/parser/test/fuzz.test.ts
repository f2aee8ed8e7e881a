import { expect, test } from 'vitest'
import { fuzz } from '../fuzz/fuzz.ts'

// The long run is fuzz/run.mjs. The seed is fixed: a test that fails by chance on other people's changes helps nobody.
const EXECUTIONS = 20_000
const SEED = 4

test('twenty thousand damaged messages are refused or understood, the same however they are cut', () => {
  expect(fuzz(EXECUTIONS, SEED)).toEqual([])
})
