import { UploadOutlined } from "@ant-design/icons";
import { ButtonLink } from "../feedback/ButtonLink";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { KindList } from "../kinds/KindList";
import { useCan } from "../session/permissions";
import { useProject } from "../session/project";

/** Images: operators name files for everybody, tenants upload their own. */
export function ImageList() {
  const { t } = useWords();
  const can = useCan();
  const project = useProject();
  const kind = kindOf("images");
  const send = can("create", "image", project?.id) && <ButtonLink icon={<UploadOutlined />} to="/images/upload">{t("upload.title")}</ButtonLink>;
  return kind && <KindList kind={kind} extra={send} />;
}
