import { expect, test } from 'vitest'
import { takeBuiltins } from '../scripts/plain-builtins.ts'

test('what is imported from a module of Node is taken from the module, before all else', () => {
  const code =
    '#!/usr/bin/env node\nuse(a);\nimport { a, b as c } from "node:fs";\nimport { x } from "other";\nimport d from "node:net";\nimport * as e from "node:path";\nuse(c);'
  expect(takeBuiltins(code)).toBe(`#!/usr/bin/env node
const a = process.getBuiltinModule("node:fs").a;
const c = process.getBuiltinModule("node:fs").b;
const d = process.getBuiltinModule("node:net");
const e = process.getBuiltinModule("node:path");
use(a);

import { x } from "other";


use(c);`)
})

const LOADER = 'let $zlib$;\nconst $zlib = () => ($zlib$ ??= process.getBuiltinModule("node:zlib"));\n'

test.each([
  ['gzip(x)', '($zlib().gzip)(x)'],
  ['new gzip()', 'new ($zlib().gzip)()'],
  ['zlib.constants.gzip', '($zlib()).constants.gzip'],
  ['f({ gzip, deflate: gzip })', 'f({ gzip: ($zlib().gzip), deflate: ($zlib().gzip) })'],
  ['f(x.gzip, { gzip: 1 })', 'f(x.gzip, { gzip: 1 })'],
  ['f(x[gzip])', 'f(x[($zlib().gzip)])'],
  ['const f = (use = gzip) => use()', 'const f = (use = ($zlib().gzip)) => use()'],
  ['class A { gzip() { return gzip } }', 'class A { gzip() { return ($zlib().gzip) } }'],
  ['gzip: for (;;) break gzip', 'gzip: for (;;) break gzip'],
])('what may be loaded later is asked for where it is used: %s', (code, after) => {
  const imports = 'import { gzip } from "node:zlib"; import * as zlib from "node:zlib"; '
  expect(takeBuiltins(imports + code)).toBe(`${LOADER}  ${after}`)
})

test.each([
  ['a parameter', 'const f = (gzip) => gzip'],
  ['a variable of a block', '{ let { a: [gzip = 1] } = x; f(gzip) }'],
  ['a caught error', 'try { g() } catch (gzip) { f(gzip) }'],
  ['a function', 'function f() { function gzip() {} gzip() }'],
  ['a class', 'f(class gzip {})'],
  ['an export', 'export { gzip }'],
])('but for a name that is also %s', (_, code) => {
  expect(takeBuiltins(`import { gzip } from "node:zlib";${code}`)).toBe(
    `const gzip = process.getBuiltinModule("node:zlib").gzip;\n${code}`,
  )
})

test('a chunk without them stays as it is', () => {
  const code = '#!/usr/bin/env node\nimport { a } from "other";\na();'
  expect(takeBuiltins(code)).toBe(code)
})
