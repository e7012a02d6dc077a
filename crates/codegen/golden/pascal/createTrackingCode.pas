// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
// For Free Pascal 3.2 or later. Texts are UTF-8 from end to end.
program Sample;

{$mode delphi}{$H+}


uses
  SysUtils, Classes, DateUtils, StrUtils, fphttpclient, opensslsockets, fpjson, jsonparser;

procedure Fail(const Message: string);
begin
  WriteLn(StdErr, Message);
  Halt(1);
end;

// The text with characters in place of escapes such as \u4f1a: the parser of Free Pascal 3.2 cuts several in a row.
function Unescaped(const Text: string): string;
var
  At, From: Integer;
  Code: Integer;
  Units: UnicodeString;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
    if Text[At] <> '\' then
      Inc(At)
    else if (At + 5 > Length(Text)) or (Text[At + 1] <> 'u') then
      Inc(At, 2)
    else
    begin
      Units := '';
      Result := Result + Copy(Text, From, At - From);
      From := At;
      while (Copy(Text, At, 2) = '\u') and TryStrToInt('$' + Copy(Text, At + 2, 4), Code) and (Code >= 128) do
      begin
        Units := Units + WideChar(Code);
        Inc(At, 6);
        From := At;
      end;
      Result := Result + UTF8Encode(Units);
      if Units = '' then
        Inc(At, 6);
    end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function IsWhole(const Text: string): Boolean;
var
  C: Char;
begin
  Result := Text <> '';
  for C in Text do
    Result := Result and (C in ['-', '0'..'9']);
end;

// The text with whole numbers of more than 64 bits in quotes: the parser would round them.
function Exact(const Text: string): string;
var
  At, From, Start: Integer;
  Whole: Int64;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
  begin
    Start := At;
    if Text[At] = '"' then
    begin
      Inc(At);
      while (At <= Length(Text)) and (Text[At] <> '"') do
        if Text[At] = '\' then
          Inc(At, 2)
        else
          Inc(At);
      Inc(At);
    end
    else if Text[At] in ['-', '0'..'9'] then
    begin
      while (At <= Length(Text)) and (Text[At] in ['+', '-', '.', '0'..'9', 'e', 'E']) do
        Inc(At);
      if (At - Start > 18) and IsWhole(Copy(Text, Start, At - Start)) and
        not TryStrToInt64(Copy(Text, Start, At - Start), Whole) then
      begin
        Result := Result + Copy(Text, From, Start - From) + '"' + Copy(Text, Start, At - Start) + '"';
        From := At;
      end;
    end
    else
      Inc(At);
  end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function Member(Parent: TJSONData; const Name: string): TJSONData;
begin
  Result := nil;
  if Parent is TJSONObject then
    Result := TJSONObject(Parent).Find(Name);
end;

function GetText(Data: TJSONData; out Value: string): Boolean;
begin
  Result := (Data <> nil) and (Data.JSONType in [jtString, jtNumber, jtBoolean]);
  if Result then
    Value := Data.AsString;
end;

function GetBoolean(Data: TJSONData; out Value: Boolean): Boolean;
begin
  Result := (Data <> nil) and (Data.JSONType = jtBoolean);
  if Result then
    Value := Data.AsBoolean;
end;

// Prints a value on one line.
procedure Show(const Place, Value: string); overload;
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

procedure Show(const Place: string; Value: Int64); overload;
begin
  Show(Place, IntToStr(Value));
end;

procedure Show(const Place: string; Value: Double); overload;
var
  Format: TFormatSettings;
begin
  Format := DefaultFormatSettings;
  Format.DecimalSeparator := '.';
  Show(Place, FloatToStrF(Value, ffGeneral, 15, 0, Format));
end;

procedure Show(const Place: string; Value: Boolean); overload;
begin
  if Value then
    Show(Place, 'true')
  else
    Show(Place, 'false');
end;

// Prints a value as what it is, objects and arrays as JSON; nothing if it is null.
procedure ShowItem(const Place: string; Data: TJSONData);
var
  Value: string;
begin
  if (Data <> nil) and (Data.JSONType = jtBoolean) then
    Show(Place, Data.AsBoolean)
  else if (Data <> nil) and (Data.JSONType = jtNumber) and (TJSONNumber(Data).NumberType = ntFloat) then
    Show(Place, Data.AsFloat)
  else if (Data is TJSONObject) or (Data is TJSONArray) then
    Show(Place, Data.AsJSON)
  else if GetText(Data, Value) then
    Show(Place, Value);
end;

// A variable of the environment.
function Setting(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
  if Result = '' then
    Fail('set ' + Name + ' in the environment');
end;

// Percent-encodes all but letters, digits and -._~.
function Encode(const Text: string): string;
var
  C: Char;
begin
  Result := '';
  for C in Text do
    if C in ['A'..'Z', 'a'..'z', '0'..'9', '-', '.', '_', '~'] then
      Result := Result + C
    else
      Result := Result + '%' + IntToHex(Ord(C), 2);
end;

// Names and values in turn, as a query or a form.
function Pairs(const Parameters: array of string): string;
var
  I: Integer;
begin
  Result := '';
  for I := 0 to Length(Parameters) div 2 - 1 do
  begin
    if I > 0 then
      Result := Result + '&';
    Result := Result + Encode(Parameters[2 * I]) + '=' + Encode(Parameters[2 * I + 1]);
  end;
end;

function Header(Client: TFPHTTPClient; const Name: string): string;
var
  Line: string;
begin
  Result := '';
  for Line in Client.ResponseHeaders do
    if StartsText(Name + ':', Line) then
      Result := Trim(Copy(Line, Length(Name) + 2, MaxInt));
end;

// How long an answer with status 429 asks to wait: in seconds, or up to an instant.
function WaitSeconds(Client: TFPHTTPClient): Int64;
var
  RetryAfter: string;
  UntilTime: TDateTime;
begin
  RetryAfter := Header(Client, 'Retry-After');
  if TryStrToInt64(RetryAfter, Result) then
    Exit;
  Result := 1;
  if TryISO8601ToDate(RetryAfter, UntilTime, True) then
  begin
    Result := Round((UntilTime - LocalTimeToUniversal(Now)) * SecsPerDay) + 1;
    if Result < 0 then
      Result := 0;
  end;
end;

// The body of a good answer; after 429 it waits and asks again, at most five times. The headers stay in the client.
function Send(Client: TFPHTTPClient; const Url: string; const Body: string): string;
var
  Attempt: Integer;
  Seconds: Int64;
  Answered: TStringStream;
begin
  Answered := TStringStream.Create('');
  try
    for Attempt := 1 to 6 do
    begin
      Answered.Size := 0;
      if Body <> '' then
        Client.RequestBody := TStringStream.Create(Body);
      try
        try
          // An empty list of good statuses lets all answers through.
          Client.HTTPMethod('POST', Url, Answered, []);
        except
          on Error: Exception do
            Fail(Url + ': ' + Error.Message);
        end;
      finally
        Client.RequestBody.Free;
        Client.RequestBody := nil;
      end;
      if (Client.ResponseStatusCode >= 200) and (Client.ResponseStatusCode < 300) then
        Exit(Answered.DataString);
      if (Client.ResponseStatusCode <> 429) or (Attempt = 6) then
        Fail('HTTP ' + IntToStr(Client.ResponseStatusCode) + ': ' + Answered.DataString);
      Seconds := WaitSeconds(Client);
      WriteLn(StdErr, '429: waiting ', Seconds, ' s');
      Sleep(Seconds * 1000);
    end;
  finally
    Answered.Free;
  end;
end;

var
  Client: TFPHTTPClient;
  BaseUrl, Path, Query, Url, Content: string;
  Response: string;
  Answer: TJSONData;
  HostProfileCode: string;
  Id: string;
  InputMode: string;
  NameValue: string;
  Options: TJSONData;
  OptionIndex: Integer;
  Option: TJSONData;
  DefaultValue: Boolean;
  OptionValue: string;
  ScheduleStartCodes: TJSONData;
  ScheduleStartCodeIndex: Integer;
  ScheduleStartCode: TJSONData;
  Service: string;
  ScheduleStartCodeType: string;
  SiteUrl: string;
begin
  SetTextCodePage(Output, CP_UTF8);
  DefaultSystemCodePage := CP_UTF8;
  BaseUrl := Setting('API_BASE_URL');
  while EndsStr('/', BaseUrl) do
    SetLength(BaseUrl, Length(BaseUrl) - 1);

  Client := TFPHTTPClient.Create(nil);
  // How long a server may take to answer, in milliseconds.
  Client.IOTimeout := 60000;
  Client.AddHeader('Accept', 'application/json');
  Client.AddHeader('Authorization', 'Bearer ' + Setting('API_TOKEN'));
  Content := '';
  Client.AddHeader('Content-Type', 'application/json');
  Content := '{'#10'  "hostProfileCode": "optional",'#10'  "inputMode": "select",'#10'  "name": "Department",'#10'  "options": ['#10'    {'#10'      "defaultValue": false,'#10'      "value": "Engineering"'#10'    },'#10'    {'#10'      "defaultValue": true,'#10'      "value": "Design"'#10'    },'#10'    {'#10'      "defaultValue": false,'#10'      "value": "Sales"'#10'    }'#10'  ],'#10'  "scheduleStartCodes": ['#10'    {'#10'      "service": "MeetingCenter",'#10'      "type": "required"'#10'    },'#10'    {'#10'      "service": "EventCenter",'#10'      "type": "optional"'#10'    }'#10'  ],'#10'  "siteUrl": "example.webex.com"'#10'}';

  Path := '/v1/admin/meeting/config/trackingCodes';
  Query := Pairs([]);
  Url := BaseUrl + Path;
  if Query <> '' then
    Url := Url + '?' + Query;
  Response := Send(Client, Url, Content);
  try
    Answer := GetJSON(Unescaped(Exact(Response)));
  except
    on Error: Exception do
      Fail('the answer is not JSON (' + Error.Message + '): ' + Response);
  end;
  if GetText(Member(Answer, 'hostProfileCode'), HostProfileCode) then
    Show('hostProfileCode', HostProfileCode);
  if GetText(Member(Answer, 'id'), Id) then
    Show('id', Id);
  if GetText(Member(Answer, 'inputMode'), InputMode) then
    Show('inputMode', InputMode);
  if GetText(Member(Answer, 'name'), NameValue) then
    Show('name', NameValue);
  Options := Member(Answer, 'options');
  if Options is TJSONArray then
    for OptionIndex := 0 to Options.Count - 1 do
    begin
      Option := Options.Items[OptionIndex];
      if GetBoolean(Member(Option, 'defaultValue'), DefaultValue) then
        Show('options[' + IntToStr(OptionIndex) + '].defaultValue', DefaultValue);
      if GetText(Member(Option, 'value'), OptionValue) then
        Show('options[' + IntToStr(OptionIndex) + '].value', OptionValue);
    end;
  ScheduleStartCodes := Member(Answer, 'scheduleStartCodes');
  if ScheduleStartCodes is TJSONArray then
    for ScheduleStartCodeIndex := 0 to ScheduleStartCodes.Count - 1 do
    begin
      ScheduleStartCode := ScheduleStartCodes.Items[ScheduleStartCodeIndex];
      if GetText(Member(ScheduleStartCode, 'service'), Service) then
        Show('scheduleStartCodes[' + IntToStr(ScheduleStartCodeIndex) + '].service', Service);
      if GetText(Member(ScheduleStartCode, 'type'), ScheduleStartCodeType) then
        Show('scheduleStartCodes[' + IntToStr(ScheduleStartCodeIndex) + '].type', ScheduleStartCodeType);
    end;
  if GetText(Member(Answer, 'siteUrl'), SiteUrl) then
    Show('siteUrl', SiteUrl);
  Answer.Free;
  Client.Free;
end.
