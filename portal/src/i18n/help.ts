import { use } from "react";
import { useWords } from "./words";

const none: Record<string, string> = {};
let chinese: Promise<Record<string, string>> | undefined;

// Without it the help is there in English, so that it does not come is no failure.
const load = () => (chinese ??= import("./help.zh.json").then((m): Record<string, string> => m.default).catch(() => none));

/** Help that comes from the server in English alone, such as what a field is for, in the language in force. What nobody translated stays as it is. */
export function useHelp(): <T extends string | undefined>(text: T) => T {
  const { language } = useWords();
  const texts = language === "zh" ? use(load()) : none;
  return <T extends string | undefined>(text: T) => (text === undefined ? text : (texts[text] ?? text)) as T;
}
