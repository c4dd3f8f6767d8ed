//! The commands we send, as the generated types of `headless_chrome`: what we leave unsaid is `None`
//! in one place.

use headless_chrome::protocol::cdp::{
    Browser, CacheStorage, DOM, DOMStorage, Debugger, Emulation, Fetch, IndexedDB, Input, Network,
    Page, Runtime, Storage, Target,
};

pub(in crate::gather) fn auto_attach(filter: &[(&str, bool)]) -> Target::SetAutoAttach {
    Target::SetAutoAttach {
        auto_attach: true,
        wait_for_debugger_on_start: true,
        flatten: Some(true),
        filter: Some(target_filter(filter)),
    }
}

pub(in crate::gather) fn discover_targets() -> Target::SetDiscoverTargets {
    Target::SetDiscoverTargets { discover: true, filter: Some(target_filter(&[])) }
}

/// Names what to leave out; everything else is in.
fn target_filter(exclude: &[(&str, bool)]) -> Target::TargetFilter {
    let mut filter: Vec<_> = exclude
        .iter()
        .map(|&(kind, exclude)| Target::FilterEntry {
            exclude: Some(exclude),
            Type: Some(kind.to_owned()),
        })
        .collect();
    filter.push(Target::FilterEntry { exclude: None, Type: None });
    filter
}

pub(in crate::gather) fn detach(session: &str) -> Target::DetachFromTarget {
    Target::DetachFromTarget { session_id: Some(session.to_owned()), target_id: None }
}

pub(in crate::gather) fn create_context() -> Target::CreateBrowserContext {
    Target::CreateBrowserContext {
        dispose_on_detach: Some(true),
        proxy_server: None,
        proxy_bypass_list: None,
        origins_with_universal_network_access: None,
    }
}

pub(in crate::gather) fn dispose_context(context: &str) -> Target::DisposeBrowserContext {
    Target::DisposeBrowserContext { browser_context_id: context.to_owned() }
}

pub(in crate::gather) fn create_page(context: &str) -> Target::CreateTarget {
    Target::CreateTarget {
        url: "about:blank".to_owned(),
        left: None,
        top: None,
        width: None,
        height: None,
        window_state: None,
        browser_context_id: Some(context.to_owned()),
        enable_begin_frame_control: None,
        new_window: None,
        background: None,
        for_tab: None,
        hidden: None,
    }
}

pub(in crate::gather) fn close_target(target: &str) -> Target::CloseTarget {
    Target::CloseTarget { target_id: target.to_owned() }
}

pub(in crate::gather) fn deny_downloads(context: &str) -> Browser::SetDownloadBehavior {
    Browser::SetDownloadBehavior {
        behavior: Browser::SetDownloadBehaviorBehaviorOption::Deny,
        browser_context_id: Some(context.to_owned()),
        download_path: None,
        events_enabled: Some(true),
    }
}

pub(in crate::gather) fn add_binding(name: &str) -> Runtime::AddBinding {
    Runtime::AddBinding {
        name: name.to_owned(),
        execution_context_id: None,
        execution_context_name: None,
    }
}

/// A binding that exists in worlds of that name alone. The browser reports them after `Runtime.enable`.
pub(in crate::gather) fn add_binding_to(name: &str, world: &str) -> Runtime::AddBinding {
    Runtime::AddBinding { execution_context_name: Some(world.to_owned()), ..add_binding(name) }
}

/// A script for a world of its own in every document.
pub(in crate::gather) fn on_new_document_in(
    source: &str,
    world: &str,
) -> Page::AddScriptToEvaluateOnNewDocument {
    Page::AddScriptToEvaluateOnNewDocument {
        world_name: Some(world.to_owned()),
        ..on_new_document(source)
    }
}

pub(in crate::gather) fn on_new_document(source: &str) -> Page::AddScriptToEvaluateOnNewDocument {
    Page::AddScriptToEvaluateOnNewDocument {
        source: source.to_owned(),
        world_name: None,
        // The hook sets breakpoints with `debug`, which is part of it.
        include_command_line_api: Some(true),
        run_immediately: Some(true),
    }
}

pub(in crate::gather) fn network_enable() -> Network::Enable {
    Network::Enable {
        max_total_buffer_size: Some(10_000_000),
        max_resource_buffer_size: Some(1_000_000),
        max_post_data_size: Some(65_536),
        report_direct_socket_traffic: None,
        enable_durable_messages: None,
    }
}

pub(in crate::gather) const fn debugger_enable() -> Debugger::Enable {
    Debugger::Enable { max_scripts_cache_size: None }
}

/// How far asynchronous call stacks are followed. Without it a pixel is blamed on the parser.
pub(in crate::gather) const fn async_stacks() -> Debugger::SetAsyncCallStackDepth {
    Debugger::SetAsyncCallStackDepth { max_depth: 32 }
}

pub(in crate::gather) const fn skip_pauses() -> Debugger::SetSkipAllPauses {
    Debugger::SetSkipAllPauses { skip: true }
}

pub(in crate::gather) fn navigate(url: &str) -> Page::Navigate {
    Page::Navigate {
        url: url.to_owned(),
        referrer: None,
        transition_Type: None,
        frame_id: None,
        referrer_policy: None,
    }
}

pub(in crate::gather) fn isolated_world(frame: &str) -> Page::CreateIsolatedWorld {
    Page::CreateIsolatedWorld {
        frame_id: frame.to_owned(),
        world_name: Some("crumbcheck".to_owned()),
        grant_univeral_access: None,
    }
}

/// Every node of a session's documents, one after the other; nested as they are they would be deeper than a reader
/// of JSON goes. The domain has to be enabled.
pub(in crate::gather) const fn all_nodes() -> DOM::GetFlattenedDocument {
    // The largest depth there is: the generated type has no place for -1, which means the same.
    DOM::GetFlattenedDocument { depth: Some(0x7fff_ffff), pierce: Some(true) }
}

/// Every frame of a session.
pub(in crate::gather) const fn frame_tree() -> Page::GetFrameTree {
    Page::GetFrameTree(None)
}

/// The element that holds a frame.
pub(in crate::gather) fn frame_owner(frame: &str) -> DOM::GetFrameOwner {
    DOM::GetFrameOwner { frame_id: frame.to_owned() }
}

/// A picture of a part of the page that starts at `from`.
pub(in crate::gather) const fn picture(
    from: (f64, f64),
    size: (f64, f64),
    scale: f64,
) -> Page::CaptureScreenshot {
    Page::CaptureScreenshot {
        format: Some(Page::CaptureScreenshotFormatOption::Jpeg),
        quality: Some(55),
        clip: Some(Page::Viewport { x: from.0, y: from.1, width: size.0, height: size.1, scale }),
        from_surface: None,
        capture_beyond_viewport: None,
        optimize_for_speed: Some(true),
    }
}

/// The Enter key going down or up.
pub(in crate::gather) fn enter(kind: Input::DispatchKeyEventTypeOption) -> Input::DispatchKeyEvent {
    let down = kind == Input::DispatchKeyEventTypeOption::KeyDown;
    Input::DispatchKeyEvent { text: down.then(|| "\r".to_owned()), ..key(kind, "Enter", 13) }
}

/// The arrow that points down, or up, going down or up.
pub(in crate::gather) fn arrow(
    kind: Input::DispatchKeyEventTypeOption,
    points_down: bool,
) -> Input::DispatchKeyEvent {
    if points_down { key(kind, "ArrowDown", 40) } else { key(kind, "ArrowUp", 38) }
}

fn key(kind: Input::DispatchKeyEventTypeOption, name: &str, code: u32) -> Input::DispatchKeyEvent {
    Input::DispatchKeyEvent {
        Type: kind,
        modifiers: None,
        timestamp: None,
        text: None,
        unmodified_text: None,
        key_identifier: None,
        code: Some(name.to_owned()),
        key: Some(name.to_owned()),
        windows_virtual_key_code: Some(code),
        native_virtual_key_code: None,
        auto_repeat: None,
        is_keypad: None,
        is_system_key: None,
        location: None,
        commands: None,
    }
}

/// The left Shift key going down or up: by itself it does nothing in a page.
pub(in crate::gather) fn shift(kind: Input::DispatchKeyEventTypeOption) -> Input::DispatchKeyEvent {
    let down = kind == Input::DispatchKeyEventTypeOption::RawKeyDown;
    Input::DispatchKeyEvent {
        modifiers: down.then_some(8),
        text: None,
        code: Some("ShiftLeft".to_owned()),
        key: Some("Shift".to_owned()),
        windows_virtual_key_code: Some(16),
        location: Some(1),
        ..enter(kind)
    }
}

/// The wheel turned over a point of the page.
pub(in crate::gather) fn wheel(x: f64, y: f64, turn: f64) -> Input::DispatchMouseEvent {
    Input::DispatchMouseEvent {
        button: None,
        click_count: None,
        delta_x: Some(0.0),
        delta_y: Some(turn),
        ..mouse(Input::DispatchMouseEventTypeOption::MouseWheel, x, y, false)
    }
}

/// A finger on the page, or lifted from it.
pub(in crate::gather) fn touch(
    kind: Input::DispatchTouchEventTypeOption,
    at: Option<(f64, f64)>,
) -> Input::DispatchTouchEvent {
    let point = |(x, y)| Input::TouchPoint {
        x,
        y,
        radius_x: None,
        radius_y: None,
        rotation_angle: None,
        force: None,
        tangential_pressure: None,
        tilt_x: None,
        tilt_y: None,
        twist: None,
        id: None,
    };
    Input::DispatchTouchEvent {
        Type: kind,
        touch_points: at.map(point).into_iter().collect(),
        modifiers: None,
        timestamp: None,
    }
}

/// A node as an object of a world.
pub(in crate::gather) fn as_object(node: u32, world: u32) -> DOM::ResolveNode {
    DOM::ResolveNode {
        node_id: None,
        backend_node_id: Some(node),
        object_group: None,
        execution_context_id: Some(world),
    }
}

/// Calls a function with an object as `this`.
pub(in crate::gather) fn call_on(object: &str, function: &str) -> Runtime::CallFunctionOn {
    Runtime::CallFunctionOn {
        function_declaration: function.to_owned(),
        object_id: Some(object.to_owned()),
        arguments: None,
        silent: Some(true),
        return_by_value: Some(true),
        generate_preview: None,
        user_gesture: None,
        await_promise: None,
        execution_context_id: None,
        object_group: None,
        throw_on_side_effect: None,
        unique_context_id: None,
        serialization_options: None,
    }
}

pub(in crate::gather) fn evaluate(expression: &str, context: Option<u32>) -> Runtime::Evaluate {
    Runtime::Evaluate {
        expression: expression.to_owned(),
        object_group: None,
        include_command_line_api: None,
        silent: Some(true),
        context_id: context,
        return_by_value: Some(true),
        generate_preview: None,
        user_gesture: None,
        await_promise: Some(true),
        throw_on_side_effect: None,
        timeout: None,
        disable_breaks: None,
        repl_mode: None,
        allow_unsafe_eval_blocked_by_csp: None,
        unique_context_id: None,
        serialization_options: None,
    }
}

pub(in crate::gather) fn mouse(
    kind: Input::DispatchMouseEventTypeOption,
    x: f64,
    y: f64,
    pressed: bool,
) -> Input::DispatchMouseEvent {
    let is_move = kind == Input::DispatchMouseEventTypeOption::MouseMoved;
    Input::DispatchMouseEvent {
        Type: kind,
        x,
        y,
        modifiers: None,
        timestamp: None,
        button: (!is_move).then_some(Input::MouseButton::Left),
        buttons: Some(u32::from(pressed)),
        click_count: (!is_move).then_some(1),
        force: None,
        tangential_pressure: None,
        tilt_x: None,
        tilt_y: None,
        twist: None,
        delta_x: None,
        delta_y: None,
        pointer_Type: None,
    }
}

pub(in crate::gather) fn jar(context: &str) -> Storage::GetCookies {
    Storage::GetCookies { browser_context_id: Some(context.to_owned()) }
}

pub(in crate::gather) fn storage_key(frame: &str) -> Storage::GetStorageKeyForFrame {
    Storage::GetStorageKeyForFrame { frame_id: frame.to_owned() }
}

pub(in crate::gather) fn dom_storage(key: &str, local: bool) -> DOMStorage::GetDOMStorageItems {
    DOMStorage::GetDOMStorageItems {
        storage_id: DOMStorage::StorageId {
            security_origin: None,
            storage_key: Some(key.to_owned()),
            is_local_storage: local,
        },
    }
}

pub(in crate::gather) fn databases(key: &str) -> IndexedDB::RequestDatabaseNames {
    IndexedDB::RequestDatabaseNames {
        security_origin: None,
        storage_key: Some(key.to_owned()),
        storage_bucket: None,
    }
}

pub(in crate::gather) fn caches(key: &str) -> CacheStorage::RequestCacheNames {
    CacheStorage::RequestCacheNames {
        security_origin: None,
        storage_key: Some(key.to_owned()),
        storage_bucket: None,
    }
}

pub(in crate::gather) fn answer_dialog(accept: bool) -> Page::HandleJavaScriptDialog {
    Page::HandleJavaScriptDialog { accept, prompt_text: None }
}

pub(in crate::gather) const fn focus() -> Emulation::SetFocusEmulationEnabled {
    Emulation::SetFocusEmulationEnabled { enabled: true }
}

pub(in crate::gather) fn metrics(
    width: u32,
    height: u32,
    mobile: bool,
) -> Emulation::SetDeviceMetricsOverride {
    Emulation::SetDeviceMetricsOverride {
        width,
        height,
        device_scale_factor: 1.0,
        mobile,
        scale: None,
        // A desk has room around the window, a phone has not.
        screen_width: Some(if mobile { width } else { 1920 }),
        screen_height: Some(if mobile { height } else { 1080 }),
        position_x: None,
        position_y: None,
        dont_set_visible_size: None,
        screen_orientation: None,
        viewport: None,
        display_feature: None,
        device_posture: None,
    }
}

pub(in crate::gather) fn user_agent(
    user_agent: &str,
    languages: &str,
) -> Emulation::SetUserAgentOverride {
    Emulation::SetUserAgentOverride {
        user_agent: user_agent.to_owned(),
        accept_language: Some(languages.to_owned()),
        platform: None,
        user_agent_metadata: metadata(user_agent),
    }
}

/// What a browser of that name says of itself in client hints; nothing if it is none that does. Without this it says
/// that it is of no brand at all, by which sites tell it from the browsers of visitors.
fn metadata(user_agent: &str) -> Option<Emulation::UserAgentMetadata> {
    let version = user_agent.split_once("Chrome/")?.1;
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    let mobile = user_agent.contains("Mobile");
    let brands = |version: &str, other: &str| {
        let of = |brand: &str, version: &str| Emulation::UserAgentBrandVersion {
            brand: brand.to_owned(),
            version: version.to_owned(),
        };
        Some(vec![of("Google Chrome", version), of("Chromium", version), of("Not-A.Brand", other)])
    };
    let full = format!("{major}.0.0.0");
    Some(Emulation::UserAgentMetadata {
        brands: brands(&major, "24"),
        full_version_list: brands(&full, "24.0.0.0"),
        full_version: Some(full),
        platform: if mobile { "Android" } else { "Linux" }.to_owned(),
        platform_version: if mobile { "10.0.0" } else { "" }.to_owned(),
        architecture: if mobile { "" } else { "x86" }.to_owned(),
        model: if mobile { "K" } else { "" }.to_owned(),
        mobile,
        bitness: Some(if mobile { "" } else { "64" }.to_owned()),
        wow_64: Some(false),
        form_factors: None,
    })
}

/// Holds requests to addresses like these, and those for documents too if they are wanted.
pub(in crate::gather) fn intercept(patterns: &[String], documents: bool) -> Fetch::Enable {
    let pattern = |url: &str, kind| Fetch::RequestPattern {
        url_pattern: Some(url.to_owned()),
        resource_Type: kind,
        request_stage: Some(Fetch::RequestStage::Request),
    };
    let mut held: Vec<_> = patterns.iter().map(|it| pattern(it, None)).collect();
    held.extend(documents.then(|| pattern("http*", Some(Network::ResourceType::Document))));
    Fetch::Enable { patterns: Some(held), handle_auth_requests: None }
}

/// Lets a request go on; without `headers` it keeps those that it has.
pub(in crate::gather) fn go_on(
    request: &str,
    headers: Option<Vec<Fetch::HeaderEntry>>,
) -> Fetch::ContinueRequest {
    Fetch::ContinueRequest {
        request_id: request.to_owned(),
        url: None,
        method: None,
        post_data: None,
        headers,
        intercept_response: None,
    }
}

/// Ends a request before it leaves the browser.
pub(in crate::gather) fn refuse(request: &str) -> Fetch::FailRequest {
    Fetch::FailRequest {
        request_id: request.to_owned(),
        error_reason: Network::ErrorReason::AddressUnreachable,
    }
}

pub(in crate::gather) fn fulfil_html(request: &str, html: &str) -> Fetch::FulfillRequest {
    use base64::Engine as _;
    Fetch::FulfillRequest {
        request_id: request.to_owned(),
        response_code: 200,
        response_headers: Some(vec![header("Content-Type", "text/html; charset=utf-8")]),
        binary_response_headers: None,
        body: Some(base64::engine::general_purpose::STANDARD.encode(html)),
        response_phrase: None,
    }
}

pub(in crate::gather) fn header(name: &str, value: &str) -> Fetch::HeaderEntry {
    Fetch::HeaderEntry { name: name.to_owned(), value: value.to_owned() }
}
