import down from "@ant-design/icons-svg/es/asn/DownOutlined";
import { Suspense, useState } from "react";
import { Icon } from "../controls/Icon";
import { useWords } from "../i18n/words";
import { useProject } from "../session/project";
import { dressed } from "./dressed";

const ProjectSelect = dressed(async () => (await import("./ProjectSelect")).ProjectSelect);

/** The project that is looked at; the list to choose another from is fetched when it is first asked for. */
export function ProjectPicker() {
  const { t } = useWords();
  const project = useProject();
  const [asked, ask] = useState(false);
  const name = project?.title || project?.fullName || t("shell.allProjects");
  const closed = (
    <button type="button" aria-haspopup="listbox" aria-label={`${t("shell.project")}: ${name}`} className="picker" onClick={() => ask(true)}>
      <span>{name}</span>
      <Icon of={down} />
    </button>
  );
  if (!asked) return closed;
  return (
    <Suspense fallback={closed}>
      <ProjectSelect />
    </Suspense>
  );
}
