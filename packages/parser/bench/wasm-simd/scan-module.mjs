// An experiment, not shipped: what `plain-request.ts` does for each byte, in WebAssembly with 16 bytes at a time.
import wabt from 'wabt'

/** Where the positions of the field lines begin in the memory: the input lies before them. */
export const INDEX_AT = 16_384
/** Where the lines that matter are listed: Host, Connection, Content-Length, Transfer-Encoding, Expect. */
export const NOTABLE_AT = 20_480
/** Where the ends of method and target and the number of notable lines are. */
export const LINE_AT = 24_576

const TOKEN = /[\w!#$%&'*+.^`|~-]/
const TARGET = /[\w.~!$&'()*+,;=:@/?%[\]\\^`{|}-]/

/** Two tables of 16: a byte is one of the characters if what they have for its two halves has a bit in common. */
function halves(characters) {
  const low = new Uint8Array(16)
  const high = new Uint8Array(16)
  for (let top = 0; top < 8; top++) high[top] = 1 << top
  for (let byte = 0; byte < 128; byte++) {
    if (characters.test(String.fromCharCode(byte))) low[byte & 15] |= 1 << (byte >> 4)
  }
  return { low: vector(low), high: vector(high) }
}

function vector(bytes) {
  return `(v128.const i8x16 ${[...bytes].join(' ')})`
}

function splat(byte) {
  return vector(new Uint8Array(16).fill(byte))
}

function fourOf(text) {
  return text.split('').reduceRight((number, letter) => (number << 8) | letter.charCodeAt(0), 0)
}

/** The first byte from $at on that is none of the characters; a NUL ends the input. */
function endOf(name, characters) {
  const { low, high } = halves(characters)
  return `(func $${name} (param $at i32) (result i32) (local $v v128) (local $marks i32)
    (loop $next
      (local.set $v (v128.load (local.get $at)))
      (local.set $marks (i8x16.bitmask (i8x16.eq (v128.and
        (i8x16.swizzle ${low} (v128.and (local.get $v) ${splat(15)}))
        (i8x16.swizzle ${high} (i8x16.shr_u (local.get $v) (i32.const 4)))) ${splat(0)})))
      (if (i32.eqz (local.get $marks)) (then
        (local.set $at (i32.add (local.get $at) (i32.const 16))) (br $next))))
    (i32.add (local.get $at) (i32.ctz (local.get $marks))))`
}

const isBlank = (at) =>
  `(i32.or (i32.eq (i32.load8_u ${at}) (i32.const 32)) (i32.eq (i32.load8_u ${at}) (i32.const 9)))`
const isLineEnd = (at) => `(i32.eq (i32.load16_u ${at}) (i32.const 0x0a0d))`
const isByte = (at, byte) => `(i32.eq (i32.load8_u ${at}) (i32.const ${byte}))`
const refuseUnless = (condition) => `(if (i32.eqz ${condition}) (then (return (i32.const -1))))`
const get = (name) => `(local.get $${name})`
const plus = (name, number) => `(i32.add (local.get $${name}) (i32.const ${number}))`

const SOURCE = `(module
  (memory (export "memory") 1)
  ${endOf('endOfToken', TOKEN)}
  ${endOf('endOfTarget', TARGET)}
  (func $endOfText (param $at i32) (result i32) (local $v v128) (local $marks i32)
    (loop $next
      (local.set $v (v128.load (local.get $at)))
      (local.set $marks (i8x16.bitmask (v128.or
        (v128.andnot (i8x16.lt_u (local.get $v) ${splat(32)}) (i8x16.eq (local.get $v) ${splat(9)}))
        (i8x16.eq (local.get $v) ${splat(127)}))))
      (if (i32.eqz (local.get $marks)) (then
        (local.set $at (i32.add (local.get $at) (i32.const 16))) (br $next))))
    (i32.add (local.get $at) (i32.ctz (local.get $marks))))
  (func (export "scan") (result i32)
    (local $at i32) (local $index i32) (local $notable i32) (local $from i32) (local $end i32) (local $four i32)
    (local $value i32) (local $valueEnd i32)
    (local.set $index (i32.const ${INDEX_AT}))
    (local.set $notable (i32.const ${NOTABLE_AT}))
    (local.set $at (call $endOfToken (i32.const 0)))
    ${refuseUnless(isByte(get('at'), 32))}
    (i32.store (i32.const ${LINE_AT}) (local.get $at))
    (local.set $at ${plus('at', 1)})
    ${refuseUnless(isByte(get('at'), 47))}
    (local.set $at (call $endOfTarget (local.get $at)))
    ${refuseUnless(isByte(get('at'), 32))}
    (i32.store (i32.const ${LINE_AT + 4}) (local.get $at))
    ${refuseUnless(`(i32.eq (i32.load ${plus('at', 1)}) (i32.const ${fourOf('HTTP')}))`)}
    ${refuseUnless(`(i32.eq (i32.load ${plus('at', 5)}) (i32.const ${fourOf('/1.1')}))`)}
    ${refuseUnless(isLineEnd(plus('at', 9)))}
    (local.set $at ${plus('at', 11)})
    (block $done (loop $line
      (br_if $done ${isByte(get('at'), 13)})
      ${refuseUnless(`(i32.lt_u (local.get $index) (i32.const ${NOTABLE_AT - 16}))`)}
      (local.set $from (local.get $at))
      (local.set $end (call $endOfToken (local.get $at)))
      ${refuseUnless(isByte(get('end'), 58))}
      ${refuseUnless('(i32.ne (local.get $end) (local.get $from))')}
      (local.set $at ${plus('end', 1)})
      (block $value (loop $blank
        (br_if $value (i32.eqz ${isBlank(get('at'))}))
        (local.set $at ${plus('at', 1)}) (br $blank)))
      (local.set $value (local.get $at))
      (local.set $at (call $endOfText (local.get $at)))
      ${refuseUnless(isLineEnd(get('at')))}
      (local.set $valueEnd (local.get $at))
      (block $trimmed (loop $blank
        (br_if $trimmed (i32.le_u (local.get $valueEnd) (local.get $value)))
        (br_if $trimmed (i32.eqz ${isBlank(plus('valueEnd', -1))}))
        (local.set $valueEnd ${plus('valueEnd', -1)}) (br $blank)))
      (i32.store (local.get $index) (local.get $from))
      (i32.store offset=4 (local.get $index) (local.get $end))
      (i32.store offset=8 (local.get $index) (local.get $value))
      (i32.store offset=12 (local.get $index) (local.get $valueEnd))
      (local.set $four (i32.or (i32.load (local.get $from)) (i32.const 0x20202020)))
      (if (i32.or (i32.eq (local.get $four) (i32.const ${fourOf('host')})) (i32.or
          (i32.or (i32.eq (local.get $four) (i32.const ${fourOf('conn')})) (i32.eq (local.get $four) (i32.const ${fourOf('cont')})))
          (i32.or (i32.eq (local.get $four) (i32.const ${fourOf('tran')})) (i32.eq (local.get $four) (i32.const ${fourOf('expe')})))))
        (then (i32.store (local.get $notable) (local.get $index)) (local.set $notable ${plus('notable', 4)})))
      (local.set $index ${plus('index', 16)})
      (local.set $at ${plus('at', 2)})
      (br $line)))
    ${refuseUnless(isLineEnd(get('at')))}
    (i32.store (i32.const ${LINE_AT + 8}) (i32.shr_u (i32.sub (local.get $notable) (i32.const ${NOTABLE_AT})) (i32.const 2)))
    (i32.store (i32.const ${LINE_AT + 12}) ${plus('at', 2)})
    (i32.shr_u (i32.sub (local.get $index) (i32.const ${INDEX_AT})) (i32.const 4))))`

/** The module, assembled. */
export async function scanModule() {
  const assembler = await wabt()
  const { buffer } = assembler.parseWat('scan.wat', SOURCE, { simd: true }).toBinary({})
  return new WebAssembly.Module(buffer)
}
