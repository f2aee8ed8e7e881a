import { domainToASCII } from 'node:url'

/** A name of a host as it goes over the wire: lower case, `xn--` for what is not ASCII, no final dot; empty where that cannot be. */
export function asciiHostName(name: string): string {
  const wild = name.startsWith('*.') ? '*.' : ''
  const ascii = domainToASCII(name.slice(wild.length).replace(/\.$/, ''))
  return ascii === '' ? '' : wild + ascii
}
