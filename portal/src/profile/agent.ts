const browsers: [RegExp, string][] = [[/Edg\//, "Edge"], [/Firefox\//, "Firefox"], [/(Headless)?Chrome\//, "Chrome"], [/Safari\//, "Safari"]];
const systems: [RegExp, string][] = [[/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]];
const first = (list: [RegExp, string][], text: string) => list.find(([form]) => form.test(text))?.[1];

/** "Firefox, Linux" of what a browser says of itself; programs are named by the beginning of what they say. */
export function agentOf(text: string): string {
  const known = [first(browsers, text), first(systems, text)].filter(Boolean).join(", ");
  return first(browsers, text) ? known : (text.split(" ")[0]?.slice(0, 40) ?? "");
}
