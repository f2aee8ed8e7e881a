import { COMMA, SEMICOLON, splitOutsideQuotes, trimOws } from './list.ts'

/** One member of a list with weights. */
export interface QualityValue {
  /** In lower case, its parameters kept and the whitespace around `;` taken out: `text/html;level=1`. */
  value: string
  /** Its weight, 0 (not acceptable) to 1; 1 where none is given (RFC 9110 §12.4.2). */
  q: number
}

/**
 * The members of an `Accept`, `Accept-Encoding`, `Accept-Language` or `TE` field with their weights, in the order they
 * stand. A member whose weight is not a qvalue (RFC 9110 §12.4.2) is left out: guessing what it meant could send a coding
 * the client refuses. What follows the weight (accept-ext, gone since RFC 9110) is dropped.
 */
export function parseQualityList(value: string): QualityValue[] {
  const members: QualityValue[] = []
  for (const member of splitOutsideQuotes(value, COMMA)) {
    const parsed = parseMember(member)
    if (parsed !== null) members.push(parsed)
  }
  return members
}

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
const QVALUE = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

function parseMember(member: string): QualityValue | null {
  if (!member.includes(';')) return { value: member.toLowerCase(), q: 1 }
  // a member that starts with ";" has no value: the split would take its first parameter for one
  if (member.charCodeAt(0) === SEMICOLON) return null
  const [value, ...parameters] = splitOutsideQuotes(member, SEMICOLON)
  if (value === undefined) return null
  let text = value.toLowerCase()
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    if (equals >= 0 && trimOws(parameter.slice(0, equals)).toLowerCase() === 'q') {
      const weight = parameter.slice(equals + 1)
      return QVALUE.test(weight) ? { value: text, q: Number(weight) } : null
    }
    text += `;${parameter.toLowerCase()}`
  }
  return { value: text, q: 1 }
}
