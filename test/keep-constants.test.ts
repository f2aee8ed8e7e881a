import { expect, test } from 'vitest'
import { restoreConstants } from '../scripts/keep-constants.ts'

test('a top-level var that nothing assigns to becomes const', () => {
  expect(restoreConstants('var TABLE = make();\nvar Reader = class {};\nexport { TABLE, Reader };')).toBe(
    'const TABLE = make();\nconst Reader = class {};\nexport { TABLE, Reader };',
  )
})

test.each([
  ['assigned', 'var a = 1;\nfunction f() { a = 2; }'],
  ['assigned in a shorthand pattern', 'var a = 1;\n({ a } = next());'],
  ['assigned in an array pattern with a default', 'var a = 1;\n[, a = 3] = next();'],
  ['counted', 'var a = 1;\nconst f = () => a++;'],
  ['the variable of a loop', 'var a = 1;\nfor (a of list) use(a);'],
  ['without a value', 'var a;'],
  ['perhaps meant by an assignment in another scope', 'var a = 1;\nfunction f() { let a; a = 2; }'],
])('one that is %s stays var', (_, code) => {
  expect(restoreConstants(code)).toBe(code)
})

test('a member that is assigned leaves its object a constant', () => {
  expect(restoreConstants('var cache = {};\nfunction f(key) { cache[key] = 1; cache.last = key; }')).toMatch(
    /^const cache/,
  )
})

test('several from one pattern become const together, or not at all', () => {
  expect(restoreConstants('var [a, b = 1] = pair();')).toBe('const [a, b = 1] = pair();')
  expect(restoreConstants('var { a, b: [c] } = pair();\nc++;')).toMatch(/^var /)
})

test('var inside a function stays as it is', () => {
  const code = 'function f() { var a = 1; return a; }'
  expect(restoreConstants(code)).toBe(code)
})
