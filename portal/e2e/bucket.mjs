// Walks the page of a bucket in a real browser, against a plane with a Ceph cluster. Run by test/lab.
import assert from "node:assert/strict";
import { audit } from "./axe.mjs";
import { signIn, startBrowser } from "./rig.mjs";
import { heading, walks } from "./walk.mjs";

const told = (name) => process.env[name] ?? assert.fail(`${name} is not set`);
const site = { url: told("PLAZA_URL"), password: told("PLAZA_PASSWORD"), bucket: told("PLAZA_BUCKET") };
const browser = await startBrowser();
const { walk, end } = walks(browser, process.argv[2], 60_000); // a cloud has the processors of the machine that walks

const row = (page, name) => page.getByRole("row").filter({ hasText: name });
const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

async function content(page) {
  await signIn(page, site.url, "admin", site.password);
  await page.goto(`${site.url}/buckets/${site.bucket}`);
  await heading(page, "media");
  await page.getByRole("tab", { name: "Content" }).click();
}

await walk("files are put into a bucket, and written over when that is wanted", {
  run: async ({ page, seen }) => {
    await content(page);
    await row(page, "photos/").waitFor(); // which an S3 client has made
    await audit(page, "content");
    const files = page.locator("input[type=file]");
    await files.setInputFiles([file("menu.txt", "noodles"), file("with space & ü.txt", "tea")]);
    await page.getByText("Sent", { exact: true }).waitFor();
    await row(page, "with space & ü.txt").getByText("3 B").waitFor();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await files.setInputFiles([file("menu.txt", "rice and noodles")]);
    await page.getByRole("dialog").getByText("menu.txt").waitFor();
    await page.getByRole("button", { name: "Write over" }).click();
    await row(page, "menu.txt").getByText("16 B").waitFor();
    assert.deepEqual(seen.refused, []);
  },
});

await walk("what is in folders is linked to, downloaded and deleted", {
  run: async ({ page, seen }) => {
    await content(page);
    await page.getByRole("button", { name: "photos/" }).click();
    await row(page, "wall.txt").waitFor();
    await page.getByRole("button", { name: "Link: wall.txt" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("10 minutes").click();
    await dialog.getByRole("button", { name: "Make the link" }).click();
    const link = await dialog.locator("pre").textContent();
    await audit(page, "link");
    assert.equal(await (await fetch(link)).text(), "a wall");
    await page.keyboard.press("Escape");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download: wall.txt" }).click();
    assert.equal((await saved).suggestedFilename(), "wall.txt");
    await page.getByRole("button", { name: "Delete: wall.txt" }).click();
    await page.getByRole("tooltip").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("Nothing here yet").waitFor();
    await page.getByRole("button", { name: "Bucket", exact: true }).click();
    await row(page, "menu.txt").waitFor();
    await page.getByRole("tab", { name: "History" }).click();
    await page.getByText("Link made").first().waitFor();
    assert.deepEqual(seen.refused, []);
  },
});

end();
