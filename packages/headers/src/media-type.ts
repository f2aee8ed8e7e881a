import { SEMICOLON, splitOutsideQuotes, trimOws } from './list.ts'
import { isToken, quoteString, unquoteString } from './token.ts'

/** A media type (RFC 9110 §8.3.1). Type, subtype and the names of parameters are in lower case; values as they came. */
export interface MediaType {
  type: string
  subtype: string
  /** `type/subtype`, without parameters. */
  essence: string
  parameters: ReadonlyMap<string, string>
}

/** What `formatMediaType` needs of a `MediaType`. */
export interface MediaTypeParts {
  type: string
  subtype: string
  parameters?: ReadonlyMap<string, string>
}

/**
 * A `Content-Type` value or a media range (RFC 9110 §8.3.1); null when it does not start with `type/subtype`.
 * A parameter that is not `name=token` or `name="quoted"` is skipped, of one given twice the first counts: what follows
 * a sound type must not hide it.
 */
export function parseMediaType(value: string): MediaType | null {
  const semicolon = value.indexOf(';')
  const essence = trimOws(semicolon < 0 ? value : value.slice(0, semicolon)).toLowerCase()
  const slash = essence.indexOf('/')
  if (slash < 0) return null
  const type = essence.slice(0, slash)
  const subtype = essence.slice(slash + 1)
  if (!isToken(type) || !isToken(subtype)) return null
  const parameters = semicolon < 0 ? NO_PARAMETERS : parseParameters(value.slice(semicolon + 1))
  return { type, subtype, essence, parameters }
}

/**
 * The media type as a field value; parameter values are quoted where they must be.
 *
 * @throws {TypeError} when a part is not a token, or a value holds what cannot be quoted.
 */
export function formatMediaType(mediaType: MediaTypeParts): string {
  let text = `${checkToken(mediaType.type, 'type')}/${checkToken(mediaType.subtype, 'subtype')}`
  for (const [name, value] of mediaType.parameters ?? NO_PARAMETERS) {
    text += `; ${checkToken(name, 'parameter name')}=${isToken(value) ? value : quoteString(value)}`
  }
  return text
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map()

function parseParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const part of splitOutsideQuotes(text, SEMICOLON)) {
    const equals = part.indexOf('=')
    if (equals < 0) continue
    const name = part.slice(0, equals).toLowerCase()
    const raw = part.slice(equals + 1)
    const value = isToken(raw) ? raw : unquoteString(raw)
    if (isToken(name) && value !== null && !parameters.has(name)) parameters.set(name, value)
  }
  return parameters
}

function checkToken(value: string, what: string): string {
  if (!isToken(value))
    throw new TypeError(`the ${what} of a media type must be a token, not ${JSON.stringify(value)}`)
  return value
}
