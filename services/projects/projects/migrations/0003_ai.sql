-- Phase 2: elements know where a generated content came from. The providers of texts and of images
-- share the column, so it takes the union of both sets, with our own keyless one.

alter table timeline_elements add constraint timeline_elements_ai_provider_check
    check (ai_provider in
        ('openai', 'anthropic', 'runware', 'midjourney', 'stable-diffusion', 'builtin'));
create index timeline_elements_generation on timeline_elements (ai_generation_id)
    where ai_generation_id is not null;
