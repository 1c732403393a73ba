import { createLink } from "@tanstack/react-router";
import { Button } from "antd";

/** A link of the portal that looks like a button: one element, so that keyboards meet it once. */
export const ButtonLink = createLink(Button);
