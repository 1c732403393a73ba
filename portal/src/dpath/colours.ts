import type { Mode } from "../shell/mode";

// After Okabe and Ito, who chose them so that people who see fewer colours tell them apart; shaded for text on either ground.
const hues: Record<Mode, string[]> = {
  light: ["#005f9e", "#b04500", "#00704f", "#96396f", "#7d5700"],
  dark: ["#63b8ee", "#f59a5c", "#3fce9f", "#e7a4cc", "#e8c04a"],
};
const publicHue: Record<Mode, string> = { light: "#5b6472", dark: "#aab3c0" };
const dashes = ["16 5", "5 4", "16 4 4 4", "28 6"];

export interface Ink {
  colour: string;
  /** Dashes of lines, so that colour alone tells nothing; none for the public lane. */
  dash?: string;
}

/** Colour and pattern of the lane that stands at a place; the first, 0, is the public one. */
export function inkOf(place: number, mode: Mode): Ink {
  if (place <= 0) return { colour: publicHue[mode] };
  const own = hues[mode];
  return { colour: own[(place - 1) % own.length] ?? publicHue[mode], dash: dashes[(place - 1) % dashes.length] };
}
