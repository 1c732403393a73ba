// @vitest-environment node
import { expect, it } from "vitest";
import { check, type Head, linksOf, signed } from "./chain";

// Written by the server's own code: strings that are escaped, keys out of order, and numbers that no parser keeps.
const head: Head = { seq: 3, hash: "28101f04c1b39b0814dec5c0236b093b54d329c3ec037c5a91d4c8e978aad011", at: "2026-11-27T03:00:00Z", key: "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=", signature: "NMdDqR3PLVKkMAHvkRnt2CC7Vw+ZFkf1R53QnIn39h0YyVyrsB2qQYvLZnhValNec0i7g1n8qb/fkZOd73YsCQ==" };
const page = String.raw`{"before":"","items":[{"seq":1,"hash":"d65612bf460f894323f570d1e2fa12efbee4aec86404b1ce1fc0d292bacec6ea","entry":{"verb":"create","id":"1","after":{"b":1,"a":[true,null,"ü <&> \u2028 \b\f\n\u0001 \ud83d\ude00"]}}},{"seq":2,"hash":"be51b226569fcfa494ec13a617206a86f5306be3725f7c4f6e79c67177bab1a7","entry":{"id":"2","note":"n","z":{"é":1,"z":2,"a":{}}, "list": [] }},{"seq":3,"hash":"28101f04c1b39b0814dec5c0236b093b54d329c3ec037c5a91d4c8e978aad011","entry":{"id":"3","big":12345678901234567890,"exp":1e3,"frac":0.10}}]}`;
const start = { seq: 0, hash: "" };

it("a chain that nobody touched is sound, and its head is signed", async () => {
  const links = linksOf(page);
  expect(await check(start, links)).toBeUndefined();
  expect(links.at(-1)?.hash).toBe(head.hash);
  expect(await check({ seq: 1, hash: links[0]?.hash ?? "" }, links.slice(1))).toBeUndefined();
  expect(await signed(head)).toBe(true);
});

it("every alteration is found", async () => {
  const of = (text: string) => check(start, linksOf(text));
  expect(await of(page.replace('"create"', '"delete"'))).toEqual({ what: "altered", seq: 1 });
  expect(await of(page.replace("12345678901234567890", "12345678901234567891"))).toEqual({ what: "altered", seq: 3 });
  expect(await of(page.replace("0.10", "0.1"))).toEqual({ what: "altered", seq: 3 });
  expect(await of(page.replace(/\{"seq":2.*?(?=\{"seq":3)/s, ""))).toEqual({ what: "missing", seq: 3 });
  expect(await of(page.replace(/"entry":\{"id":"2".*?\] \}/, '"entry":null'))).toEqual({ what: "deleted", seq: 2 });
  expect(await signed({ ...head, seq: 4 })).toBe(false);
});
