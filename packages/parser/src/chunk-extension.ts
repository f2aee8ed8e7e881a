import { CR, HTAB, QUOTED_TEXT, SEMICOLON, SP, TEXT, TOKEN } from './characters.ts'

const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ) (RFC 9112 §7.1.1)
export const BEFORE_SEMICOLON = 0
export const BEFORE_NAME = 1
const NAME = 2
const AFTER_NAME = 3
const BEFORE_VALUE = 4
const VALUE = 5
const QUOTED = 6
const ESCAPED = 7
const AFTER_QUOTED = 8
/** The CR that ends the chunk line has come. */
export const EXTENSION_END = 9
export const EXTENSION_INVALID = -1

/**
 * One byte of a chunk extension: the state before it to the state after it. Nobody uses extensions, but they are
 * read by the grammar, because a parser that skips to the line's end can be made to skip a chunk.
 */
export function scanChunkExtension(state: number, byte: number): number {
  const space = byte === SP || byte === HTAB
  switch (state) {
    case BEFORE_SEMICOLON:
      return space ? BEFORE_SEMICOLON : byte === SEMICOLON ? BEFORE_NAME : EXTENSION_INVALID
    case BEFORE_NAME:
      return space ? BEFORE_NAME : TOKEN[byte] === 1 ? NAME : EXTENSION_INVALID
    case NAME:
      if (TOKEN[byte] === 1) return NAME
      if (byte === EQUALS) return BEFORE_VALUE
      return space ? AFTER_NAME : afterMember(byte)
    case AFTER_NAME:
      if (byte === EQUALS) return BEFORE_VALUE
      return space ? AFTER_NAME : byte === SEMICOLON ? BEFORE_NAME : EXTENSION_INVALID
    case BEFORE_VALUE:
      if (space) return BEFORE_VALUE
      return byte === QUOTE ? QUOTED : TOKEN[byte] === 1 ? VALUE : EXTENSION_INVALID
    case VALUE:
      if (TOKEN[byte] === 1) return VALUE
      return space ? BEFORE_SEMICOLON : afterMember(byte)
    case QUOTED: // quoted-string, RFC 9110 §5.6.4
      if (QUOTED_TEXT[byte] === 1) return QUOTED
      return byte === BACKSLASH ? ESCAPED : byte === QUOTE ? AFTER_QUOTED : EXTENSION_INVALID
    case ESCAPED:
      return TEXT[byte] === 1 ? QUOTED : EXTENSION_INVALID
    case AFTER_QUOTED:
      return space ? BEFORE_SEMICOLON : afterMember(byte)
    default:
      return EXTENSION_INVALID
  }
}

function afterMember(byte: number): number {
  return byte === SEMICOLON ? BEFORE_NAME : byte === CR ? EXTENSION_END : EXTENSION_INVALID
}
